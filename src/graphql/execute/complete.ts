import {
  defaultTypeResolver,
  GraphQLError,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { isPromise, isRecord } from '../../access/values.ts';
import { addPath, type Execution, fieldPathOf, type Path, placeError } from './execution.ts';
import { infoOf, pathOf, resolveField } from './fields.ts';
import { awaited, chained, Container, isPending, Thenable } from './pending.ts';
import type { FieldPlan, Selection, ValuePlan } from './plan.ts';
import { runtimeTypeNamed } from './runtime-type.ts';

type Info = GraphQLResolveInfo | null;

/**
 * Executes the fields of an object.
 *
 * @returns the object; or a pending one
 * @throws GraphQLError if a field fails that is not nullable, and no other field is pending
 */
export function completeSelection(
  execution: Execution,
  { fields, isBare }: Selection,
  source: unknown,
  above: Path | undefined,
): unknown {
  const object = isBare ? (Object.create(null) as Record<string, unknown>) : {};
  let container: Container | null = null;
  for (const field of fields) {
    if (field.definition.resolve !== field.seen) {
      execution.plan.refresh(field);
    }
    const { key, nodes, value } = field;
    // The path of a property that is a leaf is needed for errors only.
    const path = value.leaf === null || field.resolve !== null ? pathOf(field, above) : undefined;
    try {
      const completed = executeField(execution, field, source, path, above);
      if (isPending(completed)) {
        container ??= new Container(execution, object, false);
        const slot = { container, key, nonNull: value.nonNull, nodes, path: path ?? pathOf(field, above) };
        completed.attach(slot, false);
      } else if (completed !== undefined) {
        object[key] = completed;
      }
    } catch (raw) {
      const failure = placeError(execution.errors, nodes, value.nonNull, path ?? pathOf(field, above), raw);
      if (failure === null) {
        object[key] = null;
      } else if (container?.isOpen === true) {
        container.failWith(failure);
        return container;
      } else {
        throw failure.error;
      }
    }
  }
  return container?.isOpen === true ? container : object;
}

function executeField(
  execution: Execution,
  field: FieldPlan,
  source: unknown,
  path: Path | undefined,
  above: Path | undefined,
): unknown {
  const { value } = field;
  const info = path !== undefined && field.needsInfo ? infoOf(execution, field, path) : null;
  const result = resolveField(execution, field, source, info, above);
  return isPromise(result)
    ? completeAwaited(execution, value, result, field, info, path)
    : completeValue(execution, value, result, field, info, path);
}

/** Completes the value of a promise. Apart, so that its closure costs only the values that are promises. */
function completeAwaited(
  execution: Execution,
  plan: ValuePlan,
  promise: PromiseLike<unknown>,
  field: FieldPlan,
  info: Info,
  path: Path | undefined,
): unknown {
  return awaited(promise, (value) => completeValue(execution, plan, value, field, info, path));
}

/**
 * Completes a value (GraphQL §6.4.3).
 *
 * @param path given wherever the value may have something below it
 * @throws what is wrong with the value
 */
function completeValue(
  execution: Execution,
  plan: ValuePlan,
  value: unknown,
  field: FieldPlan,
  info: Info,
  path: Path | undefined,
): unknown {
  if (value instanceof Error) {
    throw value;
  }
  if (value === null || value === undefined) {
    if (plan.nonNull) {
      throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.name}.`);
    }
    return null;
  }
  if (plan.leaf !== null) {
    return completeLeaf(plan.leaf, value);
  }
  if (plan.items !== null) {
    return completeList(execution, plan.items, value, field, info, path);
  }
  return plan.object === null
    ? completeAbstract(execution, plan, value, field, info, path)
    : completeObject(execution, plan, plan.object, value, field, info, path);
}

function completeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  const serialized: unknown = type.serialize(value);
  if (serialized === null || serialized === undefined) {
    throw new Error(
      `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`,
    );
  }
  return isPromise(serialized) ? new Thenable(serialized) : serialized;
}

function completeList(
  execution: Execution,
  items: ValuePlan,
  values: unknown,
  field: FieldPlan,
  info: Info,
  path: Path | undefined,
): unknown {
  if (!isIterableObject(values)) {
    throw new GraphQLError(
      `Expected Iterable, but did not find one for field "${field.parentType.name}.${field.name}".`,
    );
  }
  const { nodes } = field;
  const { nonNull } = items;
  const list: unknown[] = [];
  let container: Container | null = null;
  let index = 0;
  for (const value of values) {
    const itemPath = items.leaf === null ? addPath(path, index, undefined) : undefined;
    try {
      const completed = isPromise(value)
        ? completeAwaited(execution, items, value, field, info, itemPath)
        : completeValue(execution, items, value, field, info, itemPath);
      if (isPending(completed)) {
        container ??= new Container(execution, list, true);
        const slot = { container, key: index, nonNull, nodes, path: itemPath ?? addPath(path, index, undefined) };
        completed.attach(slot, false);
      } else {
        list[index] = completed;
      }
    } catch (raw) {
      const itemsPath = itemPath ?? addPath(path, index, undefined);
      const failure = placeError(execution.errors, nodes, nonNull, itemsPath, raw);
      if (failure !== null) {
        throw failure.error;
      }
      list[index] = null;
    }
    index += 1;
  }
  return container ?? list;
}

/** Tells whether graphql-js would iterate over the value: over objects only, no functions. */
function isIterableObject(value: unknown): value is Iterable<unknown> {
  return isRecord(value) && typeof value[Symbol.iterator] === 'function';
}

function completeAbstract(
  execution: Execution,
  plan: ValuePlan,
  value: unknown,
  field: FieldPlan,
  info: Info,
  path: Path | undefined,
): unknown {
  const type = plan.abstract as GraphQLAbstractType;
  const known = info ?? infoOf(execution, field, fieldPathOf(path));
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const complete = (name: unknown): unknown => {
    const runtimeType = runtimeTypeNamed(name, type, value, field.nodes, known);
    return completeObject(execution, plan, runtimeType, value, field, known, path);
  };
  const name: unknown = resolveType(value, execution.context, known, type);
  return isPromise(name) ? chained(name, complete) : complete(name);
}

function completeObject(
  execution: Execution,
  plan: ValuePlan,
  type: GraphQLObjectType,
  value: unknown,
  field: FieldPlan,
  info: Info,
  path: Path | undefined,
): unknown {
  const selection = plan.selection ?? execution.plan.selectionOf(field, plan, type, execution.variables);
  if (!type.isTypeOf) {
    return completeSelection(execution, selection, value, path);
  }
  const complete = (isOfType: unknown): unknown => {
    if (!isOfType) {
      throw new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, {
        nodes: field.nodes,
      });
    }
    return completeSelection(execution, selection, value, path);
  };
  const isOfType: unknown = type.isTypeOf(
    value,
    execution.context,
    info ?? infoOf(execution, field, fieldPathOf(path)),
  );
  return isPromise(isOfType) ? chained(isOfType, complete) : complete(isOfType);
}
