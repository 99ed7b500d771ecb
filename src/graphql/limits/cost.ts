import {
  type DocumentNode,
  getNullableType,
  type GraphQLError,
  type GraphQLSchema,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import { limitError, type Limits } from '../limits.ts';
import { introspectionCost, isIntrospection } from './introspection.ts';
import { type MergedField, type MergedFields, mergedFields } from './selections.ts';
import type { Variables } from './variables.ts';

/** The cost estimate of a valid operation, for any number of requests. */
export interface CostEstimate {
  readonly schema: GraphQLSchema;
  /** The number of fields that its introspection returns; infinite if these are too many. */
  readonly introspection: number;
  /** Returns how many fields the operation may have to resolve with these variables, if every page is full. */
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

  /** Returns how many objects a paged field may yield; null if it is not paged. */
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

/** Returns the number that a page argument's literal or variable stands for; null if it is no number. */
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
