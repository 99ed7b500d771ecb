import {
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLIncludeDirective,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { type Precheck, precheckOf } from '../../access/index.ts';
import { type Fragment, walkSelections } from '../../access/selections.ts';
import { type ArgumentReuse, argumentReuse } from './argument-reuse.ts';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;
export type Variables = Readonly<Record<string, unknown>>;
export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** The fields that an operation selects of an object of one type. */
export interface Selection {
  readonly fields: readonly FieldPlan[];
  /** True if a response key is one that JavaScript interprets in an object that has a prototype. */
  readonly isBare: boolean;
}

/** The way in which the value of a field, or of an item of its lists, becomes a part of the response. */
export interface ValuePlan {
  readonly nonNull: boolean;
  readonly leaf: GraphQLLeafType | null;
  readonly items: ValuePlan | null;
  readonly object: GraphQLObjectType | null;
  readonly abstract: GraphQLAbstractType | null;
  /** The fields of `object`; planned when the first object is completed. */
  selection: Selection | null;
  /** The fields of `abstract`, by runtime type; each is planned when the first object of that type is completed. */
  readonly selections: Map<GraphQLObjectType, Selection>;
}

/** A field of an object type, with all that is the same in each execution. */
export interface FieldPlan {
  readonly key: string;
  readonly name: string;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  readonly value: ValuePlan;
  /** The index of its arguments among those of an execution; -1 if the field takes none. */
  readonly argumentsAt: number;
  readonly argumentReuse: ArgumentReuse;
  /** Its arguments, once they are known to be the same in each execution. */
  constants: Variables | null;
  /** The resolver of the definition when the members below were derived from it. */
  seen: Resolver | undefined;
  /** The resolver without its guard; null for graphql-js's default resolver. */
  resolve: Resolver | null;
  /** The resolver with its guard. */
  guarded: Resolver;
  /** True if a resolver, or what determines the type of a value, is given an info. */
  needsInfo: boolean;
  precheck: Precheck | null;
  /** The index of the precheck's result among those of an execution. */
  precheckAt: number;
}

/** Calls a resolver, and may look at what it returns. It must return just that, and throw what the resolver throws. */
export type ObserveField = (parentType: string, field: string, call: () => unknown) => unknown;

/** Counts fields that have been planned. */
export interface Growth {
  fields: number;
}

/** An operation under one schema and one choice of `@skip` and `@include`; grows as its selections are reached. */
export class Plan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly #growth: Growth;
  readonly #observe: ObserveField | null;
  #root: Selection | null = null;
  #argumentLists = 0;
  #prechecks = 0;

  /** @param observe is called around each resolver: such a plan is for one execution */
  constructor(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Fragments,
    growth: Growth,
    observe: ObserveField | null = null,
  ) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = fragments;
    this.#growth = growth;
    this.#observe = observe;
  }

  /**
   * Returns what the operation selects of its root type, which the schema must have.
   *
   * @throws GraphQLError if a condition is null
   */
  rootSelection(variables: Variables): Selection {
    const type = this.schema.getRootType(this.operation.operation);
    this.#root ??= type ? this.#select(type, [this.operation.selectionSet], variables) : null;
    if (this.#root === null) {
      throw new TypeError(`The schema has no root type for the operation: ${this.operation.operation}`);
    }
    return this.#root;
  }

  /**
   * Returns the selection of a value that is an object of that type.
   *
   * @throws GraphQLError if a condition is null
   */
  selectionOf(field: FieldPlan, value: ValuePlan, type: GraphQLObjectType, variables: Variables): Selection {
    if (value.object === null) {
      const selection = value.selections.get(type) ?? this.#below(field, type, variables);
      value.selections.set(type, selection);
      return selection;
    }
    value.selection ??= this.#below(field, type, variables);
    return value.selection;
  }

  #below({ nodes }: FieldPlan, type: GraphQLObjectType, variables: Variables): Selection {
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    return this.#select(type, sets, variables);
  }

  /** Derives what depends on a field's resolver again: instrumentation may have replaced it since. */
  refresh(field: FieldPlan): void {
    field.seen = field.definition.resolve;
    field.guarded = field.seen ?? defaultFieldResolver;
    field.precheck = precheckOf(field.guarded);
    const behind = field.precheck?.resolve ?? field.guarded;
    field.resolve = behind === defaultFieldResolver ? null : behind;
    field.precheckAt = field.precheck === null ? -1 : this.#prechecks++;
    const type = getNamedType(field.definition.type);
    field.needsInfo = field.resolve !== null || isAbstractType(type) || (isObjectType(type) && Boolean(type.isTypeOf));
    if (this.#observe !== null && field.resolve !== null) {
      field.resolve = observed(field, field.resolve, this.#observe);
      field.guarded = observed(field, field.guarded, this.#observe);
    }
  }

  #select(type: GraphQLObjectType, sets: readonly SelectionSetNode[], variables: Variables): Selection {
    const nodes = new Map<string, FieldNode[]>();
    const visited = new Set<string>();
    sets.forEach((set) => this.#collect(type, set, nodes, visited, variables));
    const fields = [...nodes].flatMap(([key, merged]) => this.#field(type, key, merged) ?? []);
    return { fields, isBare: fields.some(({ key }) => key === '__proto__') };
  }

  /** Collects fields by response key (GraphQL §6.3.2). A fragment counts as visited once a spread of it is included. */
  #collect(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    nodes: Map<string, FieldNode[]>,
    visited: Set<string>,
    variables: Variables,
  ): void {
    walkSelections(set, type, (name) => this.fragments[name], {
      select: (node) => {
        const spread = node.kind === Kind.FRAGMENT_SPREAD ? node.name.value : null;
        if ((spread !== null && visited.has(spread)) || !isIncluded(node, variables)) {
          return false;
        }
        if (spread !== null) {
          visited.add(spread);
        }
        return true;
      },
      field: (node) => {
        const key = node.alias?.value ?? node.name.value;
        nodes.set(key, [...(nodes.get(key) ?? []), node]);
      },
      enter: (fragment) => (this.#applies(fragment, type) ? type : null),
    });
  }

  #applies({ typeCondition }: Fragment, type: GraphQLObjectType): boolean {
    if (typeCondition === undefined) {
      return true;
    }
    const condition = this.schema.getType(typeCondition.name.value);
    return condition === type || (isAbstractType(condition) && this.schema.isSubType(condition, type));
  }

  /** Returns undefined for a field that the type does not have: an invalid document leaves it out of the response. */
  #field(parentType: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): FieldPlan | undefined {
    const [node] = nodes;
    const definition = node && this.#definition(parentType, node.name.value);
    if (node === undefined || definition === undefined) {
      return undefined;
    }
    const field: FieldPlan = {
      key,
      name: definition.name,
      parentType,
      definition,
      nodes,
      value: valuePlan(definition.type),
      argumentsAt: definition.args.length === 0 ? -1 : this.#argumentLists++,
      argumentReuse: argumentReuse(definition, node),
      constants: null,
      seen: undefined,
      resolve: null,
      guarded: defaultFieldResolver,
      needsInfo: false,
      precheck: null,
      precheckAt: -1,
    };
    this.refresh(field);
    this.#growth.fields += 1;
    return field;
  }

  #definition(parentType: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
    const isQuery = parentType === this.schema.getQueryType();
    if (isQuery && name === SchemaMetaFieldDef.name) {
      return SchemaMetaFieldDef;
    }
    if (isQuery && name === TypeMetaFieldDef.name) {
      return TypeMetaFieldDef;
    }
    return name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : parentType.getFields()[name];
  }
}

function observed({ parentType, name }: FieldPlan, resolve: Resolver, observe: ObserveField): Resolver {
  return (...call) => observe(parentType.name, name, () => resolve(...call));
}

function isIncluded(node: SelectionNode, variables: Variables): boolean {
  if (node.directives === undefined || node.directives.length === 0) {
    return true;
  }
  const values = { ...variables };
  return (
    getDirectiveValues(GraphQLSkipDirective, node, values)?.['if'] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, values)?.['if'] !== false
  );
}

const NO_SELECTIONS: Map<GraphQLObjectType, Selection> = new Map();

function valuePlan(output: GraphQLOutputType): ValuePlan {
  const type = getNullableType(output);
  return {
    nonNull: isNonNullType(output),
    leaf: isLeafType(type) ? type : null,
    items: isListType(type) ? valuePlan(type.ofType) : null,
    object: isObjectType(type) ? type : null,
    abstract: isAbstractType(type) ? type : null,
    selection: null,
    selections: isAbstractType(type) ? new Map() : NO_SELECTIONS,
  };
}
