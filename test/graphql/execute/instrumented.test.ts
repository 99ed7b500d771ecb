import { buildSchema, type ExecutionArgs, type GraphQLSchema, parse } from 'graphql';
import { expect, it, vi } from 'vitest';
import { execute, fallbackReason } from '../../../src/graphql/execute/execute.ts';

const seen = vi.hoisted(() => [] as object[]);

vi.mock('graphql', async (load) => {
  const graphql = await load<{ execute: (args: object) => unknown }>();
  return {
    ...graphql,
    execute: (args: object) => {
      seen.push(args);
      return graphql.execute(args);
    },
  };
});

it('instrumentation that has replaced the execute of graphql-js sees each execution', async () => {
  const schema: GraphQLSchema = buildSchema('type Query { a: Int }');
  const args: ExecutionArgs = { schema, document: parse('{ a }'), rootValue: { a: 1 } };
  expect(fallbackReason(args)).toBe('instrumented');
  for (let time = 1; time <= 3; time += 1) {
    expect(await execute(args)).toEqual({ data: { a: 1 } });
    expect(seen).toEqual(Array.from({ length: time }, () => args));
  }
});
