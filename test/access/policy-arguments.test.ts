import { describe, expect, test } from 'vitest';
import type { PolicyInput } from '../../src/access/index.ts';
import { ask, guarded, viewer } from './support.ts';

// Policies are judged on the arguments that the client gave, whenever they are called.

const SDL = `
  type Row @auth(policy: "p") { id: ID }
  type Open @public { id: ID }
  union Any = Row | Open
  type Own @auth(policy: "p") @auth(owner: "id") { id: ID }
  union Some = Own | Open
  input In { a: Int list: [Int] deep: In }
  scalar Day
  type Query @public { rows(in: In, day: Day): [Row] any(in: In, day: Day): [Any] own(in: In, day: Day): [Own] some(in: In, day: Day): [Some] ruled(in: In, day: Day): Int @auth(policy: "p") }
`;
const row = { __typename: 'Row', id: 1 };
const own = { __typename: 'Own', id: 'me' };

/** Changes the arguments that it gets, at every depth, as far as that is possible. */
function ruin(args: object): void {
  const given = args as { in: { a: number; list?: number[]; deep?: object }; day?: unknown };
  for (const change of [
    () => given.in.list?.push(9),
    () => (given.in.a = 9),
    () => (given.in.deep = {}),
    () => delete given.day,
    () => Reflect.deleteProperty(given, 'in'),
  ]) {
    try {
      change();
    } catch {
      // Frozen.
    }
  }
}

const OPERATIONS = ['rows', 'any', 'own', 'some', 'ruled'].map((field) => {
  const selection = field === 'ruled' ? '' : ' { __typename }';
  return [field, `{ ${field}(in: { a: 1, list: [1], deep: { list: [2] } }, day: "d")${selection} }`] as const;
});
const GIVEN = '{"in":{"a":1,"list":[1],"deep":{"list":[2]}},"day":"d"}';

describe.each(['enforce', 'observe'] as const)('guards that %s', (enforcement) => {
  test.each(OPERATIONS)('give policies of %s what the client gave', async (_field, operation) => {
    const judged: string[] = [];
    const resolved: string[] = [];
    const resolve = (value: unknown) => (_source: unknown, args: object) => {
      resolved.push(JSON.stringify(args));
      ruin(args);
      return value;
    };
    const p = async ({ args }: PolicyInput): Promise<boolean> => {
      await new Promise(setImmediate);
      judged.push(JSON.stringify(args));
      ruin(args);
      return true;
    };
    const [rows, owns] = [resolve([row, row]), resolve([own, own])];
    const resolvers = { Query: { rows, any: rows, own: owns, some: owns, ruled: resolve(1) } };
    const schema = guarded(SDL, resolvers, { enforcement, policies: { p } });
    expect((await ask(schema, viewer(), operation)).denied).toEqual([]);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(resolved).toEqual([GIVEN]);
    expect(judged.length).toBeGreaterThan(0);
    expect(new Set(judged)).toEqual(new Set([GIVEN]));
  });
});

test('a value that is not a plain object reaches a policy as it is, and a cycle is copied', async () => {
  const day = new Date(0);
  const cycle: { self?: unknown; day: Date } = { day };
  cycle.self = cycle;
  const judged: { in: unknown; day: typeof cycle }[] = [];
  const schema = guarded(
    SDL,
    { Query: { rows: () => [row] }, Day: { __parseValue: () => cycle, __parseLiteral: () => cycle } },
    { policies: { p: ({ args }) => judged.push(args as never) > 0 } },
  );
  expect((await ask(schema, viewer(), '{ rows(day: "d") { id } }')).denied).toEqual([]);
  expect(judged[0]?.day).not.toBe(cycle);
  expect(judged[0]?.day.day).toBe(day);
  expect(judged[0]?.day.self).toBe(judged[0]?.day);
});

test('the arguments of a policy are frozen at every depth, and empty lists stay empty', async () => {
  const judged: PolicyInput['args'][] = [];
  const schema = guarded(
    SDL,
    { Query: { ruled: () => 1 } },
    { policies: { p: ({ args }: PolicyInput) => judged.push(args) > 0 } },
  );
  await ask(schema, viewer(), '{ ruled(in: { list: [], deep: { a: 1 } }) }');
  expect(judged).toEqual([{ in: { list: [], deep: { a: 1 } } }]);
  const input = judged[0]?.['in'] as { list: unknown; deep: unknown };
  expect([judged[0], input, input.list, input.deep].map(Object.isFrozen)).toEqual([true, true, true, true]);
});
