/**
 * Executes an operation three times where instrumentation has replaced the `execute` of graphql-js, and prints what came of
 * it. It is a process of its own, since the modules that tests share have been loaded without instrumentation.
 */
import { createRequire } from 'node:module';
import type { ExecutionArgs } from 'graphql';

const graphql = createRequire(import.meta.url)('graphql/execution/execute.js') as {
  execute: (args: object) => unknown;
};
const seen: object[] = [];
const replaced = graphql.execute;
graphql.execute = (args) => {
  seen.push(args);
  return replaced(args);
};

const { buildSchema, parse } = await import('graphql');
const { execute, fallbackReason } = await import('../../../src/graphql/execute/execute.ts');
const args: ExecutionArgs = {
  schema: buildSchema('type Query { a: Int }'),
  document: parse('{ a }'),
  rootValue: { a: 1 },
};
const results = [await execute(args), await execute(args), await execute(args)];
const isComplete = seen.every((given) => given === args);
process.stdout.write(JSON.stringify({ reason: fallbackReason(args), results, seen: seen.length, isComplete }));
