import { normalizedExecutor } from '@graphql-tools/executor';
import { type ExecutionResult, parse, validate } from 'graphql';
import type { Context } from './data.ts';
import { schema } from './schema.ts';

/** Answers one operation by the executor of graphql-tools, which Yoga uses; subscriptions and deferred parts as a stream. */
export async function ask(
  source: string,
  contextValue: Context,
): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
  const document = parse(source);
  const errors = validate(schema, document);
  return errors.length > 0 ? { errors } : normalizedExecutor({ schema, document, contextValue });
}
