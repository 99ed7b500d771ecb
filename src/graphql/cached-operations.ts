import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { FastifyRequest } from 'fastify';
import { getVariableValues, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { executePlan, type LeftFor } from './execute/speculative.ts';
import { createPlan, type Plan } from './execute/plan.ts';
import type { OperationScale, ScaleOf } from './limits.ts';
import { type Prepared, Shelf } from './operation-cache.ts';
import { type AskedOperation, askedBy } from './graphql-request.ts';

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
  scaleOf: ScaleOf,
  maxErrors: number,
  onExecuted: (by: ExecutedBy) => void = () => undefined,
): PreparedOperations<Context> {
  const shelf = new Shelf();

  async function execute(asked: AskedOperation, schema: GraphQLSchema, context: Context): Promise<string | null> {
    const prepared = shelf.take(schema, asked.query, asked.operationName);
    if (prepared === undefined) {
      return null;
    }
    const { operation } = prepared;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], asked.variables, { maxErrors });
    if (coerced === undefined || scaleFor(prepared).weigh(asked.variables) !== null) {
      onExecuted('input');
      return null;
    }
    const plan = planFor(prepared, coerced);
    const outcome = plan === null ? ({ leftFor: 'unplanned' } as const) : await executePlan(plan, context, coerced);
    onExecuted('data' in outcome ? 'plan' : outcome.leftFor);
    return 'data' in outcome ? `${JSON.stringify(outcome)}\n` : null;
  }

  function scaleFor(prepared: Prepared): OperationScale {
    const { schema, document, operation } = prepared;
    if (prepared.scale === null) {
      prepared.scale = scaleOf(schema, document, operation);
      shelf.grow(prepared, prepared.scale.size);
    }
    return prepared.scale;
  }

  function planFor(prepared: Prepared, variables: Readonly<Record<string, unknown>>): Plan | null {
    const { schema, document, operation, conditions, plans } = prepared;
    const key = conditions.map((name) => CHOICES.indexOf(variables[name])).join();
    const known = plans.get(key);
    if (known !== undefined || plans.size === MOST_PLANS) {
      return known ?? null;
    }
    const plan = createPlan(schema, document, operation, variables);
    plans.set(key, plan);
    shelf.grow(prepared, plan?.size ?? 0);
    return plan;
  }

  return {
    plugin: {
      requestDidStart: async () => ({
        didResolveOperation: async ({ schema, source, document, operation, request }) => {
          if (operation?.operation === OperationTypeNode.QUERY) {
            shelf.put(schema, source, request.operationName ?? null, { document, operation });
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

/** What a condition may be: a validated one is nothing else. */
const CHOICES: readonly unknown[] = [undefined, null, false, true];
