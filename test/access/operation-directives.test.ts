import { execute, type GraphQLResolveInfo, Kind, parse, subscribe, versionInfo } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type AccessViewer, guardSchema } from '../../src/access/index.ts';
import { ANONYMOUS, ask, executable, guarded, viewer } from './support.ts';

// Resolvers may read the directives of an operation: what is guarded there is guarded as in arguments.

const SDL = `
  directive @sort(by: Order, in: Sort, list: [Order!], other: Other = NAME) repeatable
    on FIELD | QUERY | MUTATION | SUBSCRIPTION | FRAGMENT_SPREAD | INLINE_FRAGMENT | FRAGMENT_DEFINITION | VARIABLE_DEFINITION
  directive @label(text: String) on FIELD
  type Account @public { iban: String @auth(requires: ADMIN) name: String next: Account }
  enum Order { NAME IBAN @reads(fields: ["Account.iban"]) }
  enum Other { NAME }
  input Sort { by: Order deep: [Sort] secret: Int @auth(requires: ADMIN) ruled: Int @auth(policy: "late") }
  type Query @public { accounts: [Account] }
  type Mutation @public { write: Int }
  type Subscription @public { ticks: Int }
`;

function schemaOf(called: string[], options: Parameters<typeof guarded>[2] = {}) {
  const give = (name: string, value: unknown) => () => {
    called.push(name);
    return value;
  };
  const ticks = {
    subscribe: async function* () {
      called.push('ticks');
      yield { ticks: 1 };
    },
  };
  const resolvers = {
    Order: { IBAN: 'iban_asc', NAME: 'name_asc' },
    Query: { accounts: give('accounts', [{ name: 'n', next: { name: 'm' } }]) },
    Mutation: { write: give('write', 1) },
    Subscription: { ticks },
  };
  return guarded(SDL, resolvers, { policies: { late: async ({ viewer: { id } }) => id === 'other' }, ...options });
}

type Case = readonly [operation: string, coordinate: string, variables?: Record<string, unknown>];

const DENIED: readonly Case[] = [
  ['{ accounts @sort(by: IBAN) { name } }', 'Order.IBAN'],
  ['query ($by: Order) { accounts @sort(by: $by) { name } }', 'Order.IBAN', { by: 'IBAN' }],
  ['query ($by: Order = IBAN) { accounts @sort(by: $by) { name } }', 'Order.IBAN'],
  ['{ accounts @sort(by: NAME) @sort(list: [NAME, IBAN]) { name } }', 'Order.IBAN'],
  ['{ accounts @sort(list: IBAN) { name } }', 'Order.IBAN'],
  ['{ accounts { next @sort(in: { deep: [{ by: NAME }, { by: IBAN }] }) { name } } }', 'Order.IBAN'],
  ['query ($in: Sort) { accounts { name @sort(in: $in) } }', 'Sort.secret', { in: { deep: { secret: null } } }],
  ['query @sort(in: { secret: 1 }) { accounts { name } }', 'Sort.secret'],
  ['query ($x: Boolean = true @sort(by: IBAN)) { accounts { name @include(if: $x) } }', 'Order.IBAN'],
  ['{ accounts { ... @sort(by: IBAN) { name } } }', 'Order.IBAN'],
  ['{ accounts { ...F @sort(by: IBAN) } } fragment F on Account { name }', 'Order.IBAN'],
  ['{ accounts { ...F } } fragment F on Account @sort(by: IBAN) { name }', 'Order.IBAN'],
  ['{ accounts @sort(in: { ruled: 1 }) { name } }', 'Sort.ruled'],
  ['mutation { write @sort(by: IBAN) }', 'Order.IBAN'],
];

describe('what is guarded in a directive of an operation is denied before anything runs', () => {
  test.each(DENIED.map(([operation, coordinate, variables = {}]) => [operation, coordinate, variables] as const))(
    '%s',
    async (operation, coordinate, variables) => {
      for (const options of [{}, { denial: 'reject' }, { errorLimit: 0 }] as const) {
        for (const who of [viewer('USER'), ANONYMOUS]) {
          const called: string[] = [];
          const { data, denied } = await ask(schemaOf(called, options), who, operation, variables);
          expect(denied).toEqual([
            expect.stringMatching(new RegExp(`^${coordinate} (FORBIDDEN|UNAUTHENTICATED) at (accounts|write)$`)),
          ]);
          expect(Object.values(data ?? {})).toEqual([null]);
          expect(called).toEqual([]);
        }
        const other: AccessViewer = { ...viewer('ADMIN'), id: 'other' };
        expect((await ask(schemaOf([], options), other, operation, variables)).denied).toEqual([]);
      }
    },
  );

  test.each(['subscription { ticks @sort(by: IBAN) }', 'subscription @sort(in: { ruled: 1 }) { ticks }'])(
    '%s',
    async (source) => {
      const called: string[] = [];
      const result = await subscribe({
        schema: schemaOf(called),
        document: parse(source),
        contextValue: viewer('USER'),
      });
      expect(result).toMatchObject({ errors: [{ message: 'Permission denied' }] });
      expect(called).toEqual([]);
    },
  );

  test.each([
    '{ accounts @sort(by: NAME) { name } }',
    '{ accounts @sort(by: null, in: { deep: { by: NAME } }) { name } }',
    '{ accounts @sort { name @label(text: "IBAN") } }',
  ])('%s is allowed', async (operation) => {
    expect((await ask(schemaOf([]), viewer('USER'), operation)).denied).toEqual([]);
  });
});

/** Operations with arguments of fragments, which graphql 17 can be told to parse. */
const WITH_ARGUMENTS: readonly (readonly [operation: string, isDenied: boolean, variables?: object])[] = [
  ['{ accounts { ...F(by: IBAN) } } fragment F($by: Order) on Account { name @sort(by: $by) }', true],
  ['{ accounts { ...F(by: NAME) } } fragment F($by: Order) on Account { name @sort(by: $by) }', false],
  [
    '{ accounts { ...F(by: IBAN) } } fragment F($by: Order!) on Account { name @sort(in: { deep: [{ by: $by }] }) }',
    true,
  ],
  ['{ accounts { ...F } } fragment F($by: Order = IBAN) on Account { name @sort(by: $by) }', true],
  ['{ accounts { ...F } } fragment F($by: Order) on Account { name @sort(by: $by) }', false],
  ['{ accounts { ...F } } fragment F($by: Order!) on Account @sort(list: [NAME, IBAN]) { name }', true],
  [
    'query ($x: Order) { accounts { ...F(by: $x) } } fragment F($by: Order = IBAN) on Account { name @sort(by: $by) }',
    true,
  ],
  [
    'query ($x: Order) { accounts { ...F(by: $x) } } fragment F($by: Order = IBAN) on Account { name @sort(by: $by) }',
    false,
    { x: 'NAME' },
  ],
  [
    'query ($by: Order = NAME) { accounts { name @sort(by: $by) ...F(by: IBAN) } } fragment F($by: Order) on Account { name @sort(by: $by) }',
    true,
  ],
  [
    '{ accounts { ...F(x: IBAN) } } fragment F($x: Order) on Account { next { ...G(y: $x) } } fragment G($y: Order) on Account { name @sort(list: [$y]) }',
    true,
  ],
  [
    '{ accounts { ...F(x: NAME) next { ...F(x: IBAN) } } } fragment F($x: Order) on Account { next @sort(by: $x) { name } }',
    true,
  ],
  ['{ accounts { name } } fragment F($by: Order = IBAN) on Account { name @sort(by: $by) }', false],
  [
    '{ accounts { ...F(by: NAME) } } fragment F($by: Order) on Account { next { ...F(by: $by) } name @sort(by: $by) }',
    false,
  ],
];

test.each(
  versionInfo.major < 17
    ? []
    : WITH_ARGUMENTS.map(([source, isDenied, variables = {}]) => [source, isDenied, variables] as const),
)('what a fragment is given is judged where its directives use it: %s', async (source, isDenied, variableValues) => {
  const parsing: object = { experimentalFragmentArguments: true };
  const document = parse(source, parsing);
  for (const options of [{}, { denial: 'reject' }] as const) {
    const schema = schemaOf([], options);
    const { errors = [] } = await execute({
      schema,
      document,
      contextValue: viewer('USER'),
      variableValues,
    } as never);
    const [denied] = errors.map(({ extensions }) => extensions['coordinate']);
    expect(denied).toBe(isDenied ? 'Order.IBAN' : undefined);
  }
});

test.each(['null', 'reject'] as const)('a resolver that is called by hand may lack its operation (%s)', (denial) => {
  const schema = schemaOf([], { denial });
  const { resolve } = schema.getQueryType()?.getFields()['accounts'] ?? {};
  const { definitions } = parse('{ accounts @sort(by: IBAN) { name } }');
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const call = (info: object): unknown =>
    resolve?.({}, {}, viewer('USER'), { schema, variableValues: {}, ...info } as GraphQLResolveInfo);
  for (const info of [{}, { fragments: {} }, { operation: parse('{ accounts { name } }').definitions[0] }]) {
    expect(call(info)).toHaveLength(1);
  }
  const path = { prev: undefined, key: 'accounts', typename: 'Query' };
  for (const info of [{ operation }, { fieldNodes: operation?.selectionSet.selections }]) {
    expect(() => call({ ...info, path })).toThrow('Permission denied');
  }
});

test('a policy of what a directive is supplied with is asked with the arguments of the directive', async () => {
  const asked: object[] = [];
  const late = (input: object) => asked.push(input) > 0;
  const who = viewer('USER');
  const operation = '{ accounts @sort(in: { ruled: 1 }) { name } }';
  expect((await ask(schemaOf([], { policies: { late } }), who, operation)).denied).toEqual([]);
  expect(asked).toEqual([
    expect.objectContaining({ object: null, viewer: who, context: who, args: { in: { ruled: 1 }, other: 'NAME' } }),
  ]);
});

test('directives are observed, once in an execution', async () => {
  const told: string[] = [];
  const schema = schemaOf([], { enforcement: 'observe', onDenied: ({ coordinate }) => told.push(coordinate) });
  const operation = '{ accounts @sort(by: IBAN, in: { ruled: 1 }) { name } }';
  expect((await ask(schema, viewer('USER'), operation)).denied).toEqual([]);
  await new Promise(setImmediate);
  expect(told).toEqual(['Order.IBAN']);
});

test('root fields are not wrapped where no directive holds anything guarded', () => {
  const plain = executable('directive @label(text: String) on FIELD type Query @public { a: Int }', {
    Query: { a: () => 1 },
  });
  const schema = guardSchema(plain, { viewer: (context: AccessViewer) => context });
  const [before, after] = [plain, schema].map((one) => one.getQueryType()?.getFields()['a']?.resolve);
  expect(after).toBe(before);
});
