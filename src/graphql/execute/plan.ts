import {
  defaultFieldResolver,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getDirectiveValues,
  getNullableType,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLIncludeDirective,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  visit,
} from 'graphql';
import { type Precheck, precheckOf } from '../../access/index.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;
type Variables = Readonly<Record<string, unknown>>;
type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** How a value becomes a part of the answer. */
export interface ValuePlan {
  readonly nonNull: boolean;
  /** Where it is a list: what its items are. */
  readonly items: ValuePlan | null;
  /** Where it is a leaf. */
  readonly leaf: GraphQLLeafType | null;
  /** Where it is an object: the fields that are asked of it. */
  readonly fields: readonly FieldPlan[];
  /** Whether a resolver below it is told its path. */
  readonly needsPath: boolean;
}

/** A field of an object, with whatever is the same in each execution. */
export interface FieldPlan {
  readonly key: string;
  readonly name: string;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  /** Its place among the fields of the operation that take arguments; null for one that takes none. */
  readonly argumentsAt: number | null;
  /** Its arguments, if they are the same in each execution, and no resolver could change them for the next. */
  readonly constants: Variables | null;
  /** What is called for its value; null for a property of the object. */
  readonly resolve: Resolver | null;
  readonly precheck: Precheck | null;
  /** The resolver with its guard, if it has one. */
  readonly guarded: Resolver;
  readonly value: ValuePlan;
}

/** An operation, ready to be executed any number of times. */
export interface Plan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly fields: readonly FieldPlan[];
  /** All fields that have a guard or take arguments, at whatever depth. */
  readonly judged: readonly FieldPlan[];
  readonly takingArguments: readonly FieldPlan[];
  /** How many fields it is made of, at whatever depth: what it takes to keep it. */
  readonly size: number;
}

/** Carries out of the recursion that a document cannot be planned; never leaves this file. */
class Unplannable extends Error {}

/**
 * Plans a valid query for {@link executePlan}; null for what is left to graphql-js: other kinds of operation,
 * introspection, abstract types, directives but `@skip` and `@include`, and these where they are told null.
 *
 * @param variables coerced; the plan is good for all that agree with them in what {@link conditionsOf} names
 */
export function createPlan(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): Plan | null {
  const type = schema.getQueryType();
  if (operation.operation !== OperationTypeNode.QUERY || !type || (operation.directives ?? []).length > 0) {
    return null;
  }
  const planner = new Planner(schema, fragmentsOf(document), variables);
  try {
    const fields = planner.fieldsOf(type, [operation.selectionSet]);
    const { fragments, all } = planner;
    const takingArguments = all.filter(({ argumentsAt }) => argumentsAt !== null);
    const judged = all.filter(({ precheck }) => precheck !== null);
    return { schema, operation, fragments, fields, judged, takingArguments, size: all.length };
  } catch (error) {
    if (error instanceof Unplannable || error instanceof GraphQLError) {
      return null;
    }
    throw error;
  }
}

/** The variables that decide, by `@skip` and `@include`, what an operation of a document asks for. */
export function conditionsOf(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  const names = new Set<string>();
  const fragments = fragmentsOf(document);
  const reached = new Set<string>();
  const collect = (definition: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(definition.selectionSet, {
      Directive: ({ arguments: args = [] }) => {
        args.forEach(({ value }) => value.kind === Kind.VARIABLE && names.add(value.name.value));
      },
      FragmentSpread: ({ name }) => {
        const fragment = reached.has(name.value) ? undefined : fragments[name.value];
        reached.add(name.value);
        if (fragment !== undefined) {
          collect(fragment);
        }
      },
    });
  };
  collect(operation);
  return [...names];
}

/** The arguments of a field, if they are neither variable nor objects; null if they are, or are not valid. */
function constantsOf(definition: GraphQLField<unknown, unknown>, node: FieldNode): Variables | null {
  let isVariable = false;
  node.arguments?.forEach((argument) => visit(argument, { Variable: () => void (isVariable = true) }));
  if (isVariable) {
    return null;
  }
  try {
    const values = getArgumentValues(definition, node);
    return Object.values(values).some((value) => typeof value === 'object' && value !== null) ? null : values;
  } catch {
    return null;
  }
}

function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null) as Record<string, never>;
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments[definition.name.value] = definition;
    }
  }
  return fragments;
}

/** What JavaScript takes for something else than a key, in an object that has a prototype. */
const UNUSABLE_KEY = '__proto__';

class Planner {
  readonly fragments: Fragments;
  readonly all: FieldPlan[] = [];
  readonly #schema: GraphQLSchema;
  readonly #variables: Variables;
  #takingArguments = 0;

  constructor(schema: GraphQLSchema, fragments: Fragments, variables: Variables) {
    this.#schema = schema;
    this.fragments = fragments;
    this.#variables = variables;
  }

  /** The fields that selection sets ask of an object, merged by response key (GraphQL §6.3.2). */
  fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): FieldPlan[] {
    const nodes = new Map<string, FieldNode[]>();
    const visited = new Set<string>();
    sets.forEach((set) => this.#collect(type, set, nodes, visited));
    return [...nodes].map(([key, merged]) => this.#field(type, key, merged));
  }

  #collect(
    type: GraphQLObjectType,
    { selections }: SelectionSetNode,
    nodes: Map<string, FieldNode[]>,
    visited: Set<string>,
  ): void {
    for (const selection of selections.filter((node) => this.#isIncluded(node))) {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        nodes.set(key, [...(nodes.get(key) ?? []), selection]);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#spread(selection.name.value, visited);
      const condition = fragment?.typeCondition?.name.value ?? type.name;
      if (fragment && condition !== type.name && !isObjectType(this.#schema.getType(condition))) {
        throw new Unplannable();
      }
      if (fragment && condition === type.name) {
        this.#collect(type, fragment.selectionSet, nodes, visited);
      }
    }
  }

  /** A fragment, the first time that it is spread at a place. */
  #spread(name: string, visited: Set<string>): FragmentDefinitionNode | null {
    const isKnown = visited.has(name);
    visited.add(name);
    return isKnown ? null : (this.fragments[name] ?? null);
  }

  #isIncluded(node: SelectionNode): boolean {
    if (node.directives?.some(({ name: { value } }) => value !== 'skip' && value !== 'include') === true) {
      throw new Unplannable();
    }
    const isOn = (directive: typeof GraphQLSkipDirective): unknown =>
      getDirectiveValues(directive, node, { ...this.#variables })?.['if'];
    return isOn(GraphQLSkipDirective) !== true && isOn(GraphQLIncludeDirective) !== false;
  }

  #field(parentType: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): FieldPlan {
    const name = nodes[0]?.name.value ?? '';
    const definition = name === '__typename' ? TypeNameMetaFieldDef : parentType.getFields()[name];
    if (definition === undefined || key === UNUSABLE_KEY) {
      throw new Unplannable();
    }
    const { resolve = defaultFieldResolver } = definition;
    const precheck = precheckOf(resolve);
    const behind = precheck?.resolve ?? resolve;
    const argumentsAt = definition.args.length === 0 ? null : this.#takingArguments++;
    const plan: FieldPlan = {
      key,
      name,
      parentType,
      definition,
      nodes,
      argumentsAt,
      constants: nodes[0] === undefined ? null : constantsOf(definition, nodes[0]),
      resolve: behind === defaultFieldResolver ? null : behind,
      precheck,
      guarded: resolve,
      value: this.#value(definition.type, nodes),
    };
    this.all.push(plan);
    return plan;
  }

  #value(output: GraphQLOutputType, nodes: readonly FieldNode[]): ValuePlan {
    const nonNull = isNonNullType(output);
    const type = getNullableType(output);
    if (isListType(type)) {
      const items = this.#value(type.ofType, nodes);
      return { nonNull, items, leaf: null, fields: [], needsPath: items.needsPath };
    }
    if (isLeafType(type)) {
      return { nonNull, items: null, leaf: type, fields: [], needsPath: false };
    }
    if (!isObjectType(type) || type.isTypeOf) {
      throw new Unplannable();
    }
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const fields = this.fieldsOf(type, sets);
    const needsPath = fields.some(({ resolve, value }) => resolve !== null || value.needsPath);
    return { nonNull, items: null, leaf: null, fields, needsPath };
  }
}
