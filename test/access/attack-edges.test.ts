import { execute, type GraphQLSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type AccessViewer,
  guardAnswersOf,
  type GuardOptions,
  guardSchema,
  policyOf,
  visibleSchema,
} from '../../src/access/index.ts';
import { attackSchema, attackServer, type ServerAttackOptions } from '../../src/testing/index.ts';
import { ANONYMOUS, executable, guarded, viewer } from './support.ts';

const NODES = `
  interface Node @public { id: ID }
  type Open implements Node @public { id: ID t: Int }
  type Note implements Node @auth(requires: USER) { id: ID text: String }
  type Secret implements Node @auth(requires: ADMIN) { id: ID text: String }
`;
const ENTITIES = `
  scalar _Any
  type _Service { sdl: String }
  union _Entity = Open | Note | Secret
  type Query {
    _entities(representations: [_Any!]!): [_Entity]!
    _service: _Service!
    hello: String @public
    node(id: ID): Node @public
  }
`;

describe('a correct guard has no failures in a schema with', () => {
  test.each([
    [
      'fields named as the suite names its own',
      'type Query { t: T @public } type T @auth { t: T a: Int t1: Int f: T v: T }',
    ],
    [
      'fields that objects have in JavaScript',
      `type Query @public { then: T constructor: Int @auth(requires: USER) o: Object length: Int @auth toJSON: T }
        type T @public { then: Int @auth(requires: USER) constructor: T valueOf: Int }
        type Object @auth(requires: USER) { then: Int toString: Object hasOwnProperty: Int }
        type Subscription @public { then: T toString: Int @auth }`,
    ],
    ['an argument of that name', 'type Query @public { t(t: Int @auth(requires: USER), a: Int): Int }'],
    [
      'subscriptions',
      'type Query @public { a: Int } type Subscription { t(t: Int): T @auth } type T @auth(requires: USER) { t: Int }',
    ],
    ['any node by its id', `${NODES} type Query @public { node(id: ID): Node }`],
    ['lists of mixed objects', `${NODES} type Query @public { nodes: [Node] deep: [[Node]!]! }`],
    ['entities of a federation', `${NODES} ${ENTITIES}`],
  ])('%s', async (_name, sdl) => {
    for (const schema of [executable(sdl), guarded(sdl)]) {
      const { failures, tried } = await attackSchema({ schema });
      expect(failures).toEqual([]);
      expect(tried).toBeGreaterThan(0);
    }
  });
});

/** Answers the operations of an attack as a server does, some of which send the indexes of a path as texts. */
function sender(schema: GraphQLSchema, indexes: 'numbers' | 'texts' = 'numbers'): ServerAttackOptions['send'] {
  return async (name, { query, variables, operationName }) => {
    const result = await execute({
      schema,
      document: parse(query),
      variableValues: variables,
      operationName,
      contextValue: asViewer(name),
    });
    const errors = result.errors?.map((error) => {
      const { path = [], ...rest } = error.toJSON();
      return { ...rest, path: indexes === 'texts' ? path.map(String) : path };
    });
    return { data: result.data ?? null, ...(errors === undefined ? {} : { errors }) };
  };
}

const asViewer = (name: string): AccessViewer => (name === 'anonymous' ? ANONYMOUS : viewer(name));

describe('a correct server has no failures with', () => {
  const objects = [
    { __typename: 'Open', id: 'a', t: 1 },
    { __typename: 'Note', id: 'b', text: 'b' },
    { __typename: 'Secret', id: 'c', text: 'c' },
  ];
  const SDL = `${NODES} type Query @public { node(id: ID): Node nodes: [Node] none: [Node] deep: [[Node]] t: Open }`;
  const resolvers = (first: number) => ({
    Query: {
      node: () => objects[first],
      nodes: () => [...objects.slice(first), ...objects.slice(0, first)],
      none: () => [],
      deep: () => [[], objects],
      t: () => objects[0],
    },
  });

  for (const indexes of ['numbers', 'texts'] as const) {
    test.each([0, 1, 2])(`nodes and mixed lists, indexes as ${indexes}: object %i first`, async (first) => {
      const schema = guarded(SDL, resolvers(first));
      expect((await attackServer({ schema, send: sender(schema, indexes) })).failures).toEqual([]);
    });
  }
});

describe('a server has not withstood what did not reach it', () => {
  const note = 'type Note @public { id: ID secret: Int @auth(requires: ADMIN) }';
  const schema = guarded(`${note} type Query { note: Note @public }`, { Query: { note: () => ({ secret: 1 }) } });
  const refused = { errors: [{ message: 'Not found' }] } as never;

  test.each<readonly [string, object]>([
    ['no data', refused],
    ['null', { data: null, errors: [] }],
    ['nothing', {}],
  ])('every answer is %s', async (_name, answer) => {
    const { failures } = await attackServer({ schema, send: async () => answer });
    expect(failures.map(({ coordinate, actual }) => `${coordinate}: ${actual}`)).toEqual([
      'schema: no answer has data: what is sent does not reach the resolvers',
    ]);
  });

  test('answers to some viewers are enough', async () => {
    const answer = sender(schema);
    const send: typeof answer = async (name, operation) => (name === 'ADMIN' ? answer(name, operation) : refused);
    expect((await attackServer({ schema, send })).failures).toEqual([]);
  });

  test.each([[['admin']], [['anonymous', 'BOSS']], [[]]])('the viewers %j are refused', async (viewers) => {
    await expect(attackServer({ schema, send: sender(schema), viewers })).rejects.toThrow(/option viewers/);
  });
});

test('a correct server has no failures that validates with the schema each viewer sees', async () => {
  const sdl = `${NODES} type Query { nodes: [Node] @public secret(x: Int @auth(requires: ADMIN)): Secret @auth me: Int @auth }`;
  const schema = guarded(sdl, { Query: { nodes: () => [], secret: () => null, me: () => 1 } });
  const answer = sender(schema);
  const send: typeof answer = async (name, operation) => {
    const errors = validate(visibleSchema(schema, { viewer: asViewer(name) }), parse(operation.query));
    return errors.length > 0 ? { errors: errors.map((error) => error.toJSON()) } : answer(name, operation);
  };
  const { failures, cutOff } = await attackServer({ schema, send });
  expect(failures).toEqual([]);
  expect(cutOff).toBeGreaterThan(0);
});

describe('the suite attacks the schema as it is', () => {
  const SDL = 'type Query { open: Int @public secret: Int @auth(requires: ADMIN) }';
  const reader = { viewer: (context: AccessViewer): AccessViewer => context };

  test('with the policy that it was guarded by, not the one to compare with', async () => {
    const weak = executable('type Query { open: Int @public secret: Int @auth(requires: USER) }');
    const strict = guarded(SDL);
    const { failures } = await attackSchema({
      schema: guardSchema(weak, reader),
      policy: policyOf(strict) ?? undefined,
    });
    expect(failures.map(({ coordinate, viewer: by }) => `${coordinate} ${by}`)).toContain('Query.secret USER');
  });

  test.each<readonly [string, Partial<GuardOptions<AccessViewer>>, string]>([
    ['whole operations', { denial: 'reject' }, 'Int'],
    ['whole operations, with fields that are not null', { denial: 'reject' }, 'Int!'],
    ['in silence', { errorLimit: 0 }, 'Int'],
    ['with one error', { errorLimit: 1 }, 'Int'],
  ])('with its options: a guard that refuses %s has no failures', async (_name, options, int) => {
    const sdl = `
      interface Thing @public { id: ID name: String }
      type Open implements Thing @public { id: ID name: String own: Note }
      type Shut implements Thing @auth(requires: ADMIN) { id: ID name: String }
      type Note @auth(requires: EDITOR, owner: "by") { id: ID by: ID text: String @auth(policy: "own", requires: ADMIN) }
      input In { a: Int b: Int @auth(requires: EDITOR) }
      type Query @public { open: ${int} shut: ${int} @auth(requires: ADMIN) thing: Thing things(in: In): [Thing] note: Note }
      type Mutation @public { write(x: Int @auth(requires: ADMIN)): ${int} }
      type Subscription { ticks: ${int} @auth(requires: ADMIN) }`;
    const schema = guarded(sdl, {}, { ...options, policies: { own: () => true } });
    const { failures, tried } = await attackSchema({ schema, oneIn: 3 });
    expect(failures.slice(0, 3)).toEqual([]);
    expect(tried).toBeGreaterThan(1_000);
    const served = await attackServer({ schema, send: sender(schema) });
    expect(served.failures.slice(0, 3)).toEqual([]);
  });

  test.each(['null', 'reject'] as const)('so a guard that only observes is a failure (denial: %s)', async (denial) => {
    const schema = guarded(SDL, {}, { enforcement: 'observe', denial });
    expect(guardAnswersOf(schema)).toEqual({ enforcement: 'observe', denial, errorLimit: Infinity });
    const { failures } = await attackSchema({ schema });
    expect(failures.map(({ coordinate }) => coordinate)).toContain('Query.secret');
    expect(failures.some(({ coordinate }) => coordinate === 'Query.open')).toBe(false);
  });
});
