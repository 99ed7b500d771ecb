import { execute, type GraphQLSchema, parse, validate } from 'graphql';
import { type AccessViewer, guardSchema, readPolicy, visibleSchema } from '../../src/access/index.ts';
import type { Curve, Point } from './growth.ts';
import { largeSchema } from './large-schema.ts';

const viewer: AccessViewer = { id: 'me', roles: ['USER'], permissions: ['p1'] };
const QUESTION = '{ t0 { f1 f3 f5 } t1 { f1 f3 f5 } }';
const OPERATIONS = 300;

/** Milliseconds that work takes, by the clock. */
async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function answer(schema: GraphQLSchema): Promise<void> {
  for (let count = 0; count < OPERATIONS; count += 1) {
    const document = parse(QUESTION);
    if (validate(schema, document).length > 0) {
      throw new Error('The question is not valid');
    }
    await execute({ schema, document, contextValue: { ...viewer }, rootValue: { t0: {}, t1: {} } });
  }
}

async function measureSchema(size: number): Promise<{ guard: number; operation: number; prune: number }> {
  const plain = largeSchema(size);
  const kept: GraphQLSchema[] = [];
  const guard = await timed(() => {
    kept.push(guardSchema(plain, { policy: readPolicy(plain), viewer: () => viewer }));
  });
  const [schema = plain] = kept;
  await answer(schema);
  const operation = (await timed(() => answer(schema))) / OPERATIONS;
  const prune = await timed(() => visibleSchema(readPolicy(plain), { viewer }));
  return { guard, operation, prune };
}

/** Measures growth with the number of types, in this process: no server accepts another schema. */
export async function schemaCurve(sizes: readonly number[], rounds: number): Promise<Curve> {
  const found = new Map(sizes.map((size) => [size, [] as Awaited<ReturnType<typeof measureSchema>>[]]));
  await measureSchema(sizes[0] ?? 1);
  for (let round = 0; round < rounds; round += 1) {
    for (const size of sizes) {
      found.get(size)?.push(await measureSchema(size));
    }
  }
  const points = (pick: (one: Awaited<ReturnType<typeof measureSchema>>) => number): Point[] =>
    sizes.map((x) => ({ x, ys: (found.get(x) ?? []).map(pick) }));
  return {
    name: 'types',
    title: 'Types in the schema',
    x: 'types of 10 fields',
    y: 'milliseconds',
    note: 'In one process, without a server: reading and guarding, once a start; what one role sees of it, once a set of satisfied requirements; parsing, validating and running an operation of 8 fields.',
    lines: [
      { name: 'read and guard', expected: 'linear', points: points(({ guard }) => guard) },
      { name: 'prune for a role', expected: 'linear', points: points(({ prune }) => prune) },
      { name: 'one operation', expected: 'constant', points: points(({ operation }) => operation) },
    ],
  };
}
