import { graphql } from 'graphql';
import { expect, test, vi } from 'vitest';
import { accessMatrix, type Denial, matrixJson, policyOf } from '../../src/access/index.ts';
import { ANONYMOUS, ask, guarded, viewer } from './support.ts';

// Whatever a listener does with a denial, answers and rules stay as they are.

const SDL = `
  type Note @auth(requires: ADMIN, permissions: "notes:read", owner: ["by", "editor.id"], policy: "mine") {
    by: ID editor: Person text: String
  }
  type Person @public { id: ID }
  type Query { notes: [Note] @public a: Int @auth(requires: ADMIN) b: Int @auth(requires: EDITOR) open: Int @public }
`;
const resolvers = {
  Query: {
    notes: () => [
      { by: 'other', text: 'text' },
      { by: 'me', text: 'mine' },
    ],
    a: () => 1,
    b: () => 2,
    open: () => 3,
  },
};
const OPERATION = '{ notes { text } a b open }';
const ANSWER = {
  data: { notes: [null, { text: 'mine' }], a: null, b: null, open: 3 },
  denied: ['Query.a FORBIDDEN at a', 'Query.b FORBIDDEN at b', 'Query.notes FORBIDDEN at notes.0'],
};

type Mutable<Value> = { -readonly [Key in keyof Value]: Mutable<Value[Key]> };

/** Changes everything within a value that can be changed. */
function ruin(value: unknown): void {
  if (Array.isArray(value)) {
    value.forEach(ruin);
    value.splice(0, Infinity, 'USER');
  } else if (typeof value === 'object' && value !== null) {
    for (const key of Reflect.ownKeys(value)) {
      ruin(Reflect.get(value, key));
      Reflect.deleteProperty(value, key);
    }
  }
}

function grant(denial: Mutable<Denial>): void {
  denial.path.length = 0;
  for (const requirement of denial.requirements) {
    requirement.signedIn = true;
    requirement.roles.push('USER');
    requirement.permissions.push('any');
    requirement.policies.push('always');
    requirement.owners.forEach((owner) => owner.path.splice(0, Infinity, 'id'));
    requirement.owners.length = 0;
  }
}

test.each<readonly [name: string, listener: (denial: Mutable<Denial>) => unknown]>([
  ['grants', grant],
  ['deletes', ruin],
  ['freezes', (denial) => Object.freeze(denial)],
  ['throws when it is counted', (denial) => Object.defineProperty(denial, 'count', { get: () => 1, set: fail })],
  ['returns a promise that never settles', () => new Promise(() => {})],
  // oxlint-disable-next-line unicorn/no-thenable -- a query builder is one
  ['returns a thenable that never settles', () => ({ then: () => {} })],
  ['returns an iterator', () => [1][Symbol.iterator]()],
])('a listener that %s', async (_name, listener) => {
  const policies = { mine: () => false };
  const schema = guarded(SDL, resolvers, { policies, onDenied: (denial) => listener(denial as Mutable<Denial>) });
  const policy = policyOf(schema);
  const before = policy && matrixJson(accessMatrix(policy));
  for (let times = 0; times < 3; times += 1) {
    const { data, denied } = await ask(schema, viewer('USER'), OPERATION);
    expect({ data, denied: denied.toSorted() }).toEqual(ANSWER);
  }
  expect(policy && matrixJson(accessMatrix(policy))).toBe(before);
});

function fail(): never {
  throw new Error('not countable');
}

test('a listener that executes an operation on the same schema, as another viewer', async () => {
  const told: string[] = [];
  const schema: ReturnType<typeof guarded> = guarded(SDL, resolvers, {
    policies: { mine: () => false },
    onDenied: ({ coordinate, viewerId, count }, context) => {
      told.push(`${coordinate} ${String(viewerId)} ${count}`);
      if (context !== ANONYMOUS) {
        // Another execution begins, and ends, in the middle of this one.
        return ask(schema, ANONYMOUS, '{ a }');
      }
      return null;
    },
  });
  const { data, denied } = await ask(schema, viewer('USER'), OPERATION);
  expect({ data, denied: denied.toSorted() }).toEqual(ANSWER);
  expect(told.filter((line) => line.includes(' me '))).toHaveLength(3);
  expect(new Set(told.filter((line) => line.includes(' null ')))).toEqual(new Set(['Query.a null 1']));
});

test('a listener has the complete requirement of what is denied', async () => {
  const told: Denial[] = [];
  const schema = guarded(SDL, resolvers, { policies: { mine: () => false }, onDenied: (denial) => told.push(denial) });
  await ask(schema, viewer('USER'), '{ notes { text } }');
  expect(told.map(({ requirements }) => requirements)).toEqual([
    [
      {
        signedIn: false,
        roles: ['ADMIN'],
        permissions: ['notes:read'],
        owners: [
          { type: 'Note', path: ['by'] },
          { type: 'Note', path: ['editor', 'id'] },
        ],
        policies: ['mine'],
        from: 'Note',
        site: 'result',
      },
    ],
  ]);
});

test('each of many executions that share a context has its own count', async () => {
  const told: Denial[] = [];
  const schema = guarded(SDL, resolvers, { policies: { mine: () => false }, onDenied: (denial) => told.push(denial) });
  const contextValue = viewer('USER');
  const source = '{ x: a y: a z: a }';
  await Promise.all(Array.from({ length: 20 }, () => graphql({ schema, source, contextValue })));
  expect(told.map(({ count, path }) => `${count} ${path.join('.')}`)).toEqual(Array(20).fill('3 x'));
});

test('a listener whose failure cannot be told is survived', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {
    throw new Error('no console');
  });
  const schema = guarded(SDL, resolvers, {
    policies: { mine: () => false },
    onDenied: () => {
      throw Object.create(null) as Error;
    },
  });
  expect((await ask(schema, viewer('USER'), OPERATION)).data).toEqual(ANSWER.data);
  expect(printed).toHaveBeenCalled();
  printed.mockRestore();
});
