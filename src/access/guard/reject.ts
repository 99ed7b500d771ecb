import {
  type ArgumentNode,
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
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
  type ObjectFieldNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  versionInfo,
  visit,
} from 'graphql';
import { judgeRequirements } from '../policy/judge.ts';
import { deny, type GuardContext } from './denial.ts';
import type { Resolver } from './calls.ts';
import { deniedInput } from './inputs.ts';
import type { Rejection, RequestVerdicts } from './requests.ts';

/**
 * Wraps the resolver, or the event source, of a root field so that it fails if anything in the whole operation is denied:
 * then no resolver of the operation runs.
 */
export function rejecting(shared: GuardContext, resolve: Resolver = defaultFieldResolver): Resolver {
  return (source, args, context, info) => {
    const verdicts = shared.requests.peek(context, info);
    if (verdicts.rejection === undefined) {
      verdicts.rejection = new Walk(shared, verdicts, info).first();
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
  readonly #shared: GuardContext;
  readonly #verdicts: RequestVerdicts;
  readonly #info: GraphQLResolveInfo;
  readonly #visited = new Map<SelectionSetNode, Set<string>>();
  /** The fragments that the walk is in. */
  readonly #open = new Set<FragmentDefinitionNode>();
  /** The selections of fragments with arguments, by the name of the fragment and the arguments. */
  readonly #substituted = new Map<string, SelectionSetNode>();

  constructor(shared: GuardContext, verdicts: RequestVerdicts, info: GraphQLResolveInfo) {
    this.#shared = shared;
    this.#verdicts = verdicts;
    this.#info = info;
  }

  first(): Rejection | null {
    const { operation, schema } = this.#info;
    const root = schema.getRootType(operation.operation);
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
    const { fragments, schema } = this.#info;
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
    if (fragment === undefined) {
      return null;
    }
    const condition = fragment.typeCondition?.name.value;
    const possible = condition === undefined ? types : this.#possibleTypes(schema.getType(condition));
    const reached = types.filter((type) => possible.includes(type));
    if (selection.kind === Kind.INLINE_FRAGMENT || fragment.kind === Kind.INLINE_FRAGMENT || this.#open.has(fragment)) {
      return this.#selections(fragment.selectionSet, reached);
    }
    this.#open.add(fragment);
    const found = this.#selections(this.#supplied(selection, fragment), reached);
    this.#open.delete(fragment);
    return found;
  }

  /** Returns the selections of a fragment with the arguments that a spread gives to it, which graphql 17 can be told to parse. */
  #supplied(spread: FragmentSpreadNode, fragment: FragmentDefinitionNode): SelectionSetNode {
    const definitions = fragment.variableDefinitions ?? [];
    if (definitions.length === 0 || versionInfo.major < 17) {
      return fragment.selectionSet;
    }
    const { arguments: given = [] } = spread as { readonly arguments?: readonly ArgumentNode[] };
    const values = new Map(
      definitions.map(({ variable, defaultValue }) => {
        const supplied = given.find(({ name }) => name.value === variable.name.value);
        return [variable.name.value, supplied?.value ?? defaultValue ?? null] as const;
      }),
    );
    const key = JSON.stringify([fragment.name.value, ...Array.from(values.values(), (value) => value && print(value))]);
    const known = this.#substituted.get(key) ?? substitute(fragment.selectionSet, values);
    this.#substituted.set(key, known);
    return known;
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
    return isAbstractType(type) ? possible.filter((member) => !isDenied(member)) : possible;
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

/** Replaces variables by values; null stands for the lack of one. */
function substitute(selectionSet: SelectionSetNode, values: ReadonlyMap<string, ValueNode | null>): SelectionSetNode {
  const omit = ({ value }: ArgumentNode | ObjectFieldNode) =>
    value.kind === Kind.VARIABLE && values.get(value.name.value) === null ? null : undefined;
  return visit(selectionSet, {
    enter: (node) => {
      // An argument of a spread is a node of its own kind.
      if ('value' in node && 'name' in node) {
        return omit(node);
      }
      const value = node.kind === Kind.VARIABLE ? values.get(node.name.value) : undefined;
      return value === null ? { kind: Kind.NULL } : value;
    },
  });
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
