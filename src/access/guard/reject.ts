import {
  defaultFieldResolver,
  type FieldNode,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { type SpreadOperation, withoutFragmentArguments } from '../fragment-arguments.ts';
import { judgeRequirements } from '../policy/judge.ts';
import { isRecord } from '../values.ts';
import { deny, type GuardContext } from './denial.ts';
import { type Info, NO_INFO, type Resolver } from './calls.ts';
import { deniedInput } from './inputs.ts';
import type { Rejection, RequestVerdicts } from './requests.ts';

/**
 * Wraps the resolver, or the event source, of a root field so that it fails if anything in the whole operation is denied:
 * then no resolver of the operation runs.
 */
export function rejecting(shared: GuardContext, resolve: Resolver = defaultFieldResolver): Resolver {
  return (source, args, context, given: Info) => {
    const info = given ?? NO_INFO;
    const verdicts = shared.requests.peek(context, info);
    if (verdicts.rejection === undefined) {
      const { operation }: Partial<GraphQLResolveInfo> = info;
      // A resolver that is called by hand may be given no operation: then its own guard decides.
      const walk = operation === undefined ? null : new Walk(shared, verdicts, info);
      verdicts.rejection = walk === null ? null : walk.first();
      if (walk?.dependsOnViewer === true) {
        // Others may be rejected, even if nothing that is guarded is resolved here.
        shared.requests.of(context, info);
      }
    }
    if (verdicts.rejection !== null) {
      const place = { path: info.path, info, isPlacedByExecutor: true };
      throw deny(shared, verdicts, verdicts.rejection, place) ?? new Error('Permission denied');
    }
    return resolve(source, args, context, info);
  };
}

/** A walk over an operation to the first coordinate that is denied whatever the objects. */
class Walk {
  /** True if the walk came to something guarded. */
  dependsOnViewer = false;
  readonly #shared: GuardContext;
  readonly #verdicts: RequestVerdicts;
  readonly #info: GraphQLResolveInfo;
  readonly #visited = new Map<SelectionSetNode, Set<string>>();
  readonly #spread: SpreadOperation;

  constructor(shared: GuardContext, verdicts: RequestVerdicts, info: GraphQLResolveInfo) {
    this.#shared = shared;
    this.#verdicts = verdicts;
    this.#info = info;
    this.#spread = operationOf(info);
  }

  first(): Rejection | null {
    const { operation } = this.#spread;
    const root = this.#info.schema.getRootType(operation.operation);
    return this.#selections(operation.selectionSet, root ? [root] : []);
  }

  #selections(selectionSet: SelectionSetNode, types: readonly GraphQLObjectType[]): Rejection | null {
    const visited = this.#visited.get(selectionSet) ?? new Set<string>();
    this.#visited.set(selectionSet, visited);
    const fresh = types.filter(({ name }) => !visited.has(name));
    fresh.forEach(({ name }) => visited.add(name));
    for (const selection of fresh.length === 0 ? [] : selectionSet.selections) {
      const found = this.#isIncluded(selection) ? this.#selection(selection, fresh) : null;
      if (found !== null) {
        return found;
      }
    }
    return null;
  }

  #selection(selection: SelectionNode, types: readonly GraphQLObjectType[]): Rejection | null {
    if (selection.kind === Kind.FIELD) {
      for (const type of types) {
        const found = this.#field(selection, type);
        if (found !== null) {
          return found;
        }
      }
      return null;
    }
    const { schema } = this.#info;
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#spread.fragments.get(selection.name.value);
    if (fragment === undefined) {
      return null;
    }
    const condition = fragment.typeCondition?.name.value;
    const possible = condition === undefined ? types : this.#possibleTypes(schema.getType(condition));
    return this.#selections(
      fragment.selectionSet,
      types.filter((type) => possible.includes(type)),
    );
  }

  #field(node: FieldNode, type: GraphQLObjectType): Rejection | null {
    const fields = type.getFields();
    const field = Object.hasOwn(fields, node.name.value) ? fields[node.name.value] : undefined;
    if (field === undefined) {
      return null; // `__typename` and introspection.
    }
    const { variableValues } = this.#info;
    const guard = this.#shared.fields.get(`${type.name}.${field.name}`);
    if (guard !== undefined) {
      this.dependsOnViewer = true;
      if (this.#verdicts.of(guard.required) === 'denied') {
        return guard;
      }
      const args = guard.inputs.length === 0 ? null : coerced(() => getArgumentValues(field, node, variableValues));
      const denied = args && deniedInput(guard.inputs, args, this.#shared.inputs, this.#verdicts);
      if (denied !== null) {
        return denied;
      }
    }
    return node.selectionSet
      ? this.#selections(node.selectionSet, this.#reachableTypes(getNamedType(field.type)))
      : null;
  }

  /** Returns the types that an object may have. Objects of denied members are denied one by one, when they turn up. */
  #reachableTypes(type: GraphQLNamedType): readonly GraphQLObjectType[] {
    const { types } = this.#shared.table;
    const isDenied = ({ name }: GraphQLObjectType): boolean =>
      judgeRequirements(types.get(name) ?? [], this.#verdicts.grants) === 'denied';
    const possible = this.#possibleTypes(type);
    if (!isAbstractType(type)) {
      return possible;
    }
    this.dependsOnViewer ||= possible.some(({ name }) => (types.get(name) ?? []).length > 0);
    return possible.filter((member) => !isDenied(member));
  }

  #possibleTypes(type: GraphQLNamedType | undefined): readonly GraphQLObjectType[] {
    if (isAbstractType(type)) {
      return this.#info.schema.getPossibleTypes(type);
    }
    return isObjectType(type) ? [type] : [];
  }

  #isIncluded(selection: SelectionNode): boolean {
    const { variableValues } = this.#info;
    const [skip, include] = [GraphQLSkipDirective, GraphQLIncludeDirective].map((directive) =>
      coerced(() => getDirectiveValues(directive, selection, variableValues)?.['if']),
    );
    return skip !== null && skip !== true && include !== null && include !== false;
  }
}

/** Returns the operation of an execution, without arguments of fragments. */
export function operationOf(info: GraphQLResolveInfo): SpreadOperation {
  const { operation, variableValues } = info;
  const { fragments }: Partial<GraphQLResolveInfo> = info;
  // graphql 17 keeps the coerced values beside their sources.
  const { coerced: values = variableValues }: { readonly coerced?: unknown } = variableValues;
  return withoutFragmentArguments(
    operation,
    (name) => fragments?.[name],
    (variable) => isRecord(values) && Object.hasOwn(values, variable),
  );
}

/** Returns what is coerced; null if it is not valid: then the executor fails there, and nothing is resolved. */
export function coerced<Value>(coerce: () => Value): Value | null {
  try {
    return coerce();
  } catch (error) {
    if (error instanceof GraphQLError) {
      return null;
    }
    throw error;
  }
}
