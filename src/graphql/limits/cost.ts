import {
  defaultFieldResolver,
  type DocumentNode,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  type GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { DEFAULT_LIMITS, limitError, type Limits } from '../limits.ts';
import { type MergedField, type MergedFields, mergedFields } from './selections.ts';
import type { Variables } from './variables.ts';

/** The cost estimate of a valid operation, for any number of requests. */
export interface CostEstimate {
  readonly schema: GraphQLSchema;
  /** The number of fields that its introspection returns; infinite if these are too many. */
  readonly introspection: number;
  /** Returns the number of fields that the operation may have to resolve with these variables, if every page is full. */
  of(variables: Variables): number;
}

/** Merges the operation's fields once; the estimate of an operation without variables is computed once, too. */
export function createCostEstimate(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: Limits,
): CostEstimate {
  const fields = mergedFields(schema, document, operation, limits);
  const introspection = introspectionCost(schema, fields.values().filter(isIntrospection).toArray());
  fields.forEach((field, key) => isIntrospection(field) && fields.delete(key));
  const estimate = (variables: Variables): number => new Estimator(operation, variables, limits).sum(fields, null);
  const isConstant = (operation.variableDefinitions ?? []).length === 0;
  return { schema, introspection, of: isConstant ? constant(estimate({})) : estimate };
}

function constant(cost: number): () => number {
  return () => cost;
}

/** Returns the error of an operation that costs too much with these variables, or null. */
export function costViolation(
  estimate: CostEstimate,
  variables: Variables,
  operation: OperationDefinitionNode,
  limits: Limits,
): GraphQLError | null {
  if (estimate.introspection === Infinity) {
    const message = 'The operation asks for more introspection than the complete schema once.';
    return limitError('cost', message, operation);
  }
  const cost = estimate.of(variables);
  const message = `The operation may resolve ${cost} fields, and ${limits.cost} are allowed: ask for smaller pages.`;
  return cost > limits.cost ? limitError('cost', message, operation) : null;
}

/** Estimates one operation with one request's variables. */
class Estimator {
  readonly #operation: OperationDefinitionNode;
  readonly #variables: Variables;
  readonly #limits: Limits;

  constructor(operation: OperationDefinitionNode, variables: Variables, limits: Limits) {
    this.#operation = operation;
    this.#variables = variables;
    this.#limits = limits;
  }

  /** @param page objects on the page that these fields stand on, if they are a connection's */
  sum(fields: MergedFields, page: number | null): number {
    return fields.values().reduce((sum, field) => sum + this.#costOf(field, page), 0);
  }

  #costOf(field: MergedField, page: number | null): number {
    if (field.fields.size === 0) {
      return 1;
    }
    const isList = isListType(field.definition === null ? null : getNullableType(field.definition.type));
    const asked = this.#pageOf(field);
    const objects = isList ? (asked ?? page ?? this.#limits.listLength) : 1;
    return 1 + objects * this.sum(field.fields, isList ? null : asked);
  }

  /** Returns the number of objects that a paged field may return; null if it is not paged. */
  #pageOf({ node, definition }: MergedField): number | null {
    const paged = definition?.args.filter(({ name }) => name === 'first' || name === 'last') ?? [];
    if (paged.length === 0) {
      return null;
    }
    const sizes = paged.map(({ name, defaultValue }) => {
      const argument = node.arguments?.find((sent) => sent.name.value === name);
      const sent = argument === undefined ? null : numberOf(argument.value, this.#operation, this.#variables);
      return sent ?? (typeof defaultValue === 'number' ? defaultValue : null);
    });
    const known = sizes.filter((size) => size !== null);
    const size = known.length === 0 ? this.#limits.defaultPage : Math.max(...known);
    return Math.min(Math.max(size, 0), this.#limits.largestPage);
  }
}

/** Returns the number that a page argument's literal or variable stands for; null if it is not a number. */
function numberOf(value: ValueNode, operation: OperationDefinitionNode, variables: Variables): number | null {
  if (value.kind === Kind.INT) {
    return Number(value.value);
  }
  if (value.kind !== Kind.VARIABLE) {
    return null;
  }
  const name = value.name.value;
  const sent = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (sent !== undefined) {
    return typeof sent === 'number' ? sent : null;
  }
  const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
  return definition?.defaultValue?.kind === Kind.INT ? Number(definition.defaultValue.value) : null;
}

/** An operation may ask for this many times the fields that the introspection of tools returns. */
const FACTOR = 1.5;

const budgets = new WeakMap<GraphQLSchema, number>();

/** Reports if a field of the operation introspects the schema. */
function isIntrospection({ node: { name } }: MergedField): boolean {
  return name.value === SchemaMetaFieldDef.name || name.value === TypeMetaFieldDef.name;
}

/**
 * Returns the exact number of fields that the introspection in an operation returns, since it depends on the schema alone. Infinite beyond the budget of the schema, at which counting stops.
 */
function introspectionCost(schema: GraphQLSchema, fields: readonly MergedField[]): number {
  return fields.length === 0 ? 0 : new Counter(schema, introspectionBudget(schema)).count(fields);
}

/** Returns the number of fields that an operation may introspect: a little more than the complete query of tools returns. */
export function introspectionBudget(schema: GraphQLSchema): number {
  const known = budgets.get(schema);
  if (known !== undefined) {
    return known;
  }
  const options = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, oneOf: true };
  const document = parse(getIntrospectionQuery({ ...options, inputValueDeprecation: true }));
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fields: MergedFields =
    operation === undefined ? new Map() : mergedFields(schema, document, operation, DEFAULT_LIMITS);
  const budget = Math.ceil(FACTOR * new Counter(schema, Infinity).count([...fields.values()]));
  budgets.set(schema, budget);
  return budget;
}

/** Counts fields by calling the resolvers of introspection, which only read the schema. */
class Counter {
  readonly #schema: GraphQLSchema;
  readonly #budget: number;
  readonly #known = new Map<MergedField, Map<unknown, number>>();
  #visits = 0;

  constructor(schema: GraphQLSchema, budget: number) {
    this.#schema = schema;
    this.#budget = budget;
  }

  /** @param fields those of the operation itself */
  count(fields: readonly MergedField[]): number {
    const sum = fields.reduce((total, field) => total + this.#root(field), 0);
    return sum > this.#budget ? Infinity : sum;
  }

  #root(field: MergedField): number {
    if (field.node.name.value === SchemaMetaFieldDef.name) {
      return this.#below(field, SchemaMetaFieldDef, this.#schema);
    }
    const name = field.node.arguments?.[0]?.value;
    const all = Object.values(this.#schema.getTypeMap());
    const types = name?.kind === Kind.STRING ? [this.#schema.getType(name.value)] : all;
    return Math.max(0, ...types.map((type) => this.#below(field, TypeMetaFieldDef, type)));
  }

  /** Counts a field, with what it selects of its value. */
  #below(field: MergedField, { type }: GraphQLField<unknown, unknown>, value: unknown): number {
    const named = getNamedType(type);
    if (!isObjectType(named) || value === null || value === undefined) {
      return 1;
    }
    const objects = isListType(getNullableType(type)) ? (value as readonly unknown[]) : [value];
    return objects.reduce<number>((sum, object) => sum + this.#object(field, named, object), 1);
  }

  /** Counts what a field selects of one object; once, since many fields lead to the same type. */
  #object(field: MergedField, type: GraphQLObjectType, object: unknown): number {
    const known = this.#known.get(field) ?? new Map<unknown, number>();
    this.#known.set(field, known);
    const before = known.get(object);
    if (before !== undefined) {
      return before;
    }
    let sum = 0;
    for (const selected of field.fields.values()) {
      this.#visits += 1;
      if (this.#visits > this.#budget) {
        return Infinity;
      }
      const definition = type.getFields()[selected.node.name.value];
      sum += definition ? this.#below(selected, definition, this.#valueOf(definition, object)) : 1;
    }
    known.set(object, sum);
    return sum;
  }

  #valueOf({ resolve = defaultFieldResolver, name }: GraphQLField<unknown, unknown>, object: unknown): unknown {
    const info = { schema: this.#schema, fieldName: name } as GraphQLResolveInfo;
    return resolve(object, { includeDeprecated: true }, undefined, info);
  }
}
