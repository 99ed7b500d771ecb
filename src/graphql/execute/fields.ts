import { getArgumentValues, type GraphQLResolveInfo } from 'graphql';
import { isObject } from '../../access/values.ts';
import { addPath, type Execution, type Path } from './execution.ts';
import type { FieldPlan } from './plan.ts';

type Arguments = Record<string, unknown>;

/**
 * Returns what the resolver of a field returns. Its guard is called only where the precheck does not allow the field.
 *
 * @param info given if the field has a resolver
 * @param above the path of the object
 * @throws what the resolver throws; GraphQLError if an argument is missing or invalid
 */
export function resolveField(
  execution: Execution,
  field: FieldPlan,
  source: unknown,
  info: GraphQLResolveInfo | null,
  above: Path | undefined,
): unknown {
  const args = field.argumentsAt === -1 ? null : argumentsOf(execution, field);
  const resolve = field.precheck === null || isAllowed(execution, field, args) ? field.resolve : field.guarded;
  if (resolve !== null) {
    return resolve(source, args ?? {}, execution.context, info ?? infoOf(execution, field, pathOf(field, above)));
  }
  if (!isObject(source)) {
    return undefined;
  }
  const property = source[field.name];
  return typeof property === 'function'
    ? callMethod(source, field, args ?? {}, execution.context, info ?? infoOf(execution, field, pathOf(field, above)))
    : property;
}

/** Calls a method of the parent, which graphql-js reads once more for the call. */
function callMethod(
  source: Readonly<Record<string, unknown>>,
  { name }: FieldPlan,
  ...call: [args: Arguments, context: unknown, info: GraphQLResolveInfo]
): unknown {
  return (source as Readonly<Record<string, (...args: typeof call) => unknown>>)[name]?.(...call);
}

/**
 * Returns arguments for one call: an object of its own, as graphql-js makes it, since a resolver may change it.
 *
 * @throws GraphQLError if one is missing or invalid
 */
function argumentsOf({ args, variables }: Execution, field: FieldPlan): Arguments {
  const known = field.constants ?? args[field.argumentsAt];
  if (known !== undefined) {
    return { ...known };
  }
  const [node] = field.nodes;
  const values = node === undefined ? {} : getArgumentValues(field.definition, node, variables);
  if (field.argumentReuse === 'call') {
    return values;
  }
  if (field.argumentReuse === 'plan') {
    field.constants = values;
  } else {
    args[field.argumentsAt] = values;
  }
  return { ...values };
}

/** Judges a field once in an execution. Where ownership may decide, it is up to the guard. */
function isAllowed({ allowed, context, variables }: Execution, field: FieldPlan, args: Arguments | null): boolean {
  const isAllowed =
    allowed[field.precheckAt] ?? field.precheck?.allows(context, { variableValues: variables }, args ?? {}) ?? true;
  allowed[field.precheckAt] = isAllowed;
  return isAllowed;
}

/** Returns the info of a field for its resolver, in objects that the resolver may change. */
export function infoOf(
  { plan, rootValue, variables, fragments }: Execution,
  field: FieldPlan,
  path: Path | undefined,
): GraphQLResolveInfo {
  return {
    fieldName: field.name,
    fieldNodes: [...field.nodes],
    returnType: field.definition.type,
    parentType: field.parentType,
    path: path as Path,
    schema: plan.schema,
    fragments,
    rootValue,
    operation: plan.operation,
    variableValues: variables,
  };
}

export function pathOf({ key, parentType }: FieldPlan, above: Path | undefined): Path {
  return addPath(above, key, parentType.name);
}
