import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { FastifyRequest } from 'fastify';
import {
  type DocumentNode,
  getVariableValues,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { executePlan, type LeftFor } from '../execution/execute.ts';
import { conditionsOf, createPlan, type Plan } from '../execution/plan.ts';
import type { WeighOperation } from './limits.ts';
import { type AskedOperation, askedBy } from './asked-operation.ts';

/** Who executed an operation; and why graphql-js did, where it is known. */
export type ExecutedBy = 'plan' | LeftFor | 'input' | 'unplanned';

/** Answers operations that Apollo Server has found valid before, without it. */
export interface PreparedOperations<Context extends BaseContext> {
  /** Tells of the operations that Apollo Server finds valid. */
  readonly plugin: ApolloServerPlugin<Context>;
  /** The answer, a whole body; null for what Apollo Server has to answer. */
  answer(request: FastifyRequest, schema: GraphQLSchema, context: Context): Promise<PreparedAnswer | null>;
}

export interface PreparedAnswer {
  readonly contentType: string;
  readonly body: string;
}

interface Prepared {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly conditions: readonly string[];
  /** By the values of the conditions; null where there is no plan. */
  readonly plans: Map<string, Plan | null>;
}

/** Operations of one schema are remembered up to so many characters, the ones used last. */
const MOST_CHARACTERS = 4_000_000;
/** A document whose conditions take more values than this is not planned for each of them. */
const MOST_PLANS = 16;

/**
 * A query that was valid is valid again: what is left to do for a request is to coerce its variables, to weigh it, and
 * to execute its plan. Whatever does not end in data alone is left to Apollo Server, so that there is one maker of
 * errors, refusals and status codes.
 *
 * @param onExecuted told of each operation that was valid before
 */
export function createPreparedOperations<Context extends BaseContext>(
  weigh: WeighOperation,
  maxErrors: number,
  onExecuted: (by: ExecutedBy) => void = () => undefined,
): PreparedOperations<Context> {
  const shelves = new WeakMap<GraphQLSchema, Shelf>();

  async function execute(asked: AskedOperation, schema: GraphQLSchema, context: Context): Promise<string | null> {
    const prepared = shelves.get(schema)?.take(asked);
    if (prepared === undefined) {
      return null;
    }
    const { operation, document } = prepared;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], asked.variables, { maxErrors });
    if (coerced === undefined || weigh(schema, document, operation, asked.variables) !== null) {
      onExecuted('input');
      return null;
    }
    const plan = planOf(prepared, schema, coerced);
    const outcome = plan === null ? ({ leftFor: 'unplanned' } as const) : await executePlan(plan, context, coerced);
    onExecuted('data' in outcome ? 'plan' : outcome.leftFor);
    return 'data' in outcome ? `${JSON.stringify(outcome)}\n` : null;
  }

  return {
    plugin: {
      requestDidStart: async () => ({
        didResolveOperation: async ({ schema, source, document, operation, request }) => {
          if (operation?.operation === OperationTypeNode.QUERY) {
            const shelf = shelves.get(schema) ?? new Shelf();
            shelves.set(schema, shelf);
            shelf.put(source, request.operationName ?? null, { document, operation });
          }
        },
      }),
    },
    answer: async (request, schema, context) => {
      const asked = askedBy(request);
      const body = asked && (await execute(asked, schema, context));
      return asked && body !== null ? { contentType: asked.contentType, body } : null;
    },
  };
}

function planOf(prepared: Prepared, schema: GraphQLSchema, variables: Record<string, unknown>): Plan | null {
  const { document, operation, conditions, plans } = prepared;
  const key = conditions.map((name) => String(variables[name])).join();
  const known = plans.get(key);
  if (known !== undefined) {
    return known;
  }
  const plan = plans.size < MOST_PLANS ? createPlan(schema, document, operation, variables) : null;
  if (plans.size < MOST_PLANS) {
    plans.set(key, plan);
  }
  return plan;
}

/** The operations of one schema, by text and name. */
class Shelf {
  readonly #prepared = new Map<string, Prepared>();
  #characters = 0;

  take({ query, operationName }: AskedOperation): Prepared | undefined {
    const key = keyOf(query, operationName);
    const prepared = this.#prepared.get(key);
    if (prepared !== undefined) {
      this.#prepared.delete(key);
      this.#prepared.set(key, prepared);
    }
    return prepared;
  }

  put(query: string, operationName: string | null, found: Pick<Prepared, 'document' | 'operation'>): void {
    const key = keyOf(query, operationName);
    if (this.#prepared.has(key) || key.length > MOST_CHARACTERS) {
      return;
    }
    this.#prepared.set(key, { ...found, conditions: conditionsOf(found.document), plans: new Map() });
    this.#characters += key.length;
    for (const oldest of this.#prepared.keys()) {
      if (this.#characters <= MOST_CHARACTERS) {
        break;
      }
      this.#prepared.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}

function keyOf(query: string, operationName: string | null): string {
  return operationName === null ? query : `${operationName}\n${query}`;
}
