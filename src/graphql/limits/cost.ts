import {
  getNullableType,
  type GraphQLError,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import { limitError } from './limit-error.ts';
import type { Limits } from './options.ts';
import type { MergedField, MergedFields } from './selections.ts';

/** The variables of one request, as they were sent. */
export type Variables = Readonly<Record<string, unknown>>;

const PAGE_ARGUMENTS = ['first', 'last'] as const;

/** What a page argument's literal or variable stands for; null if that is no number. */
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

/** Weighs one operation with one request's variables. */
class Scale {
  readonly #operation: OperationDefinitionNode;
  readonly #variables: Variables;
  readonly #limits: Limits;

  constructor(operation: OperationDefinitionNode, variables: Variables, limits: Limits) {
    this.#operation = operation;
    this.#variables = variables;
    this.#limits = limits;
  }

  /** @param page objects on the page that these fields stand on, if they are a connection's */
  weigh(fields: MergedFields, page: number | null): number {
    return fields.values().reduce((sum, field) => sum + this.#weighField(field, page), 0);
  }

  #weighField(field: MergedField, page: number | null): number {
    if (field.fields.size === 0) {
      return 1;
    }
    const isList = isListType(field.definition === null ? null : getNullableType(field.definition.type));
    const asked = this.#pageOf(field);
    const objects = isList ? (asked ?? page ?? this.#limits.listLength) : 1;
    return 1 + objects * this.weigh(field.fields, isList ? null : asked);
  }

  /** How many objects a paged field may yield; null if it is not paged. */
  #pageOf({ node, definition }: MergedField): number | null {
    const paged = definition?.args.filter(({ name }) => PAGE_ARGUMENTS.some((page) => page === name)) ?? [];
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

/** How many fields the operation may have to resolve, if every page is full. */
export function costOf(
  fields: MergedFields,
  operation: OperationDefinitionNode,
  variables: Variables,
  limits: Limits,
): number {
  return new Scale(operation, variables, limits).weigh(fields, null);
}

/** The refusal of an operation that costs too much; null if it does not. */
export function excessOfCost(cost: number, operation: OperationDefinitionNode, limits: Limits): GraphQLError | null {
  const message = `The operation may resolve ${cost} fields, and ${limits.cost} are allowed: ask for smaller pages.`;
  return cost > limits.cost ? limitError('cost', message, operation) : null;
}
