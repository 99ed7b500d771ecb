import { type ExecutionResult, parse, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from './data.ts';
import { schema } from './schema.ts';

/** Answers one operation by graphql-jit. */
export async function ask(source: string, context: Context): Promise<ExecutionResult> {
  const document = parse(source);
  const errors = validate(schema, document);
  if (errors.length > 0) {
    return { errors };
  }
  const compiled = compileQuery(schema, document);
  return isCompiledQuery(compiled) ? compiled.query(undefined, context, {}) : compiled;
}
