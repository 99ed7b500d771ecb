import { addResolversToSchema, makeExecutableSchema, mergeSchemas } from '@graphql-tools/schema';
import { defaultFieldResolver, GraphQLSchema, isObjectType, type GraphQLResolveInfo } from 'graphql';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type AccessViewer,
  assertGuarded,
  authTypeDefs,
  type Denial,
  guardSchema,
  PolicyError,
  policyOf,
  readPolicy,
  visibleSchema,
} from '../../src/access/index.ts';
import { attackSchema } from '../../src/testing/index.ts';
import { ANONYMOUS, ask, executable, guarded, ROLES, viewer } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const NOTES = `
  type Note @auth(requires: ADMIN, owner: "by") { id: ID by: ID }
  type Query @public { notes: [Note] nested: [[Note]] }
`;
const ROWS = [{ by: 'me', id: 1 }, { by: 'other', id: 2 }, null, { by: 'me', id: 3 }];

type Source = () => unknown;

/** Calls the guarded resolver as an executor that iterates async lists does, and returns the ids that come through. */
async function idsThrough(field: string, source: Source, who: AccessViewer): Promise<unknown[]> {
  const schema = guarded(NOTES, { Query: { [field]: source } });
  const query = schema.getQueryType();
  const resolve = query?.getFields()[field]?.resolve ?? defaultFieldResolver;
  const info = {
    schema,
    variableValues: {},
    fieldName: field,
    fieldNodes: [],
    parentType: query,
    path: { prev: undefined, key: field, typename: 'Query' },
  } as unknown as GraphQLResolveInfo;
  const items: unknown[] = [];
  const collect = async (value: unknown): Promise<void> => {
    const list = await value;
    if ((typeof list === 'object' || typeof list === 'function') && list !== null && Symbol.asyncIterator in list) {
      for await (const item of list as AsyncIterable<unknown>) {
        await collect(item);
      }
    } else if (Array.isArray(list)) {
      await Promise.all(list.map(collect));
    } else {
      items.push(list instanceof Error ? 'denied' : (list as { id?: unknown } | null)?.id);
    }
  };
  await collect(resolve({}, {}, who, info));
  return items;
}

async function* generated(): AsyncGenerator {
  yield* ROWS;
}

async function* lists(): AsyncGenerator {
  yield ROWS;
}

describe('items of async lists are judged', () => {
  test.each<readonly [string, string, Source]>([
    ['an async generator', 'notes', generated],
    ['a promise of one', 'notes', () => Promise.resolve(generated())],
    ['an iterator by hand', 'notes', () => ({ [Symbol.asyncIterator]: () => generated() })],
    [
      'an iterator that gives promises',
      'notes',
      () => ({
        [Symbol.asyncIterator]: () => {
          const rows = ROWS.map((row) => Promise.resolve(row))[Symbol.iterator]();
          return { next: () => Promise.resolve(rows.next()) };
        },
      }),
    ],
    [
      'a function with an async iterator',
      'notes',
      () => Object.assign(() => undefined, { [Symbol.asyncIterator]: () => generated() }),
    ],
    ['both kinds of iterator', 'notes', () => Object.assign([...ROWS], { [Symbol.asyncIterator]: () => generated() })],
    ['a stream within a list', 'nested', () => [generated()]],
    ['a list within a stream', 'nested', lists],
  ])('%s', async (_name, field, source) => {
    expect(await idsThrough(field, source, viewer('USER'))).toEqual([1, 'denied', undefined, 3]);
    expect(await idsThrough(field, source, viewer('ADMIN'))).toEqual([1, 2, undefined, 3]);
  });

  test('the source is ended when the executor stops, and its failures come through', async () => {
    let ended = false;
    async function* source(): AsyncGenerator {
      try {
        yield* ROWS;
      } finally {
        ended = true;
      }
    }
    const schema = guarded(NOTES, { Query: { notes: source } });
    const resolve = schema.getQueryType()?.getFields()['notes']?.resolve;
    const info = {
      schema,
      variableValues: {},
      path: { prev: undefined, key: 'notes' },
    } as unknown as GraphQLResolveInfo;
    const list = resolve?.({}, {}, viewer('USER'), info) as AsyncIterable<unknown>;
    const iterator = list[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.();
    expect(ended).toBe(true);
  });
});

describe('internal values of enums', () => {
  const SDL = `
    type Account @auth(requires: USER) { iban: String @auth(requires: ADMIN) name: String }
    enum Order { NAME IBAN @reads(fields: ["Account.iban"]) }
    input Sort { by: [Order!] }
    type Query { accounts(orderBy: Order, sort: Sort, lists: [[Order]]): [Account] @auth(requires: USER) }
  `;
  const operations = [
    '{ accounts(orderBy: IBAN) { name } }',
    '{ accounts(sort: { by: [NAME, IBAN] }) { name } }',
    '{ accounts(lists: [[NAME], [IBAN]]) { name } }',
  ];
  const shared = { column: 'iban', direction: 'asc' };

  test.each<readonly [string, unknown]>([
    ['a text', 'iban_asc'],
    ['a number', 7],
    ['an object', shared],
    ['an array', ['iban', 'asc']],
    ['false', false],
  ])('are those of the guarded schema: %s', async (_name, IBAN) => {
    const plain = executable(SDL, { Order: { IBAN }, Query: { accounts: () => [] } });
    const policy = readPolicy([authTypeDefs, ROLES, SDL]);
    const schema = guardSchema(plain, { policy, viewer: (context: AccessViewer) => context });
    for (const operation of operations) {
      expect((await ask(schema, viewer('USER'), operation)).denied).toEqual(['Order.IBAN FORBIDDEN at accounts']);
      expect((await ask(schema, viewer('ADMIN'), operation)).denied).toEqual([]);
    }
    expect((await ask(schema, viewer('USER'), '{ accounts(orderBy: NAME) { name } }')).denied).toEqual([]);
  });

  test.each<readonly [string, unknown, readonly string[]]>([
    ['a copy of a guarded value', { ...shared }, ['Order.IBAN']],
    ['a copy of another value', { column: 'name', direction: 'asc' }, []],
    ['a value of no name', { column: 'iban', direction: 'desc' }, ['Order.IBAN']],
    ['a text of no name', 'iban', ['Order.IBAN']],
  ])('%s, from an executor that copies them', async (_name, value, denied) => {
    const NAME = { column: 'name', direction: 'asc' };
    const denials: Denial[] = [];
    const plain = executable(SDL, { Order: { IBAN: shared, NAME }, Query: { accounts: () => [] } });
    const schema = guardSchema(plain, {
      viewer: (context: AccessViewer) => context,
      onDenied: (denial) => denials.push(denial),
    });
    const resolve = schema.getQueryType()?.getFields()['accounts']?.resolve;
    const info = {
      schema,
      variableValues: {},
      path: { prev: undefined, key: 'accounts' },
    } as unknown as GraphQLResolveInfo;
    try {
      await resolve?.({}, { orderBy: value }, viewer('USER'), info);
    } catch {
      // The denial is what is looked at.
    }
    expect(denials.map(({ coordinate }) => coordinate)).toEqual(denied);
  });
});

const lost = (schema: GraphQLSchema): string[] => {
  try {
    assertGuarded(schema);
    return [];
  } catch (error) {
    return error instanceof PolicyError ? error.problems.map(({ coordinate }) => coordinate) : [String(error)];
  }
};

describe('assertGuarded', () => {
  const SDL = `type Query @public { a: Int @auth(requires: ADMIN) b: Int @auth(requires: ADMIN) t: Thing c: Int }
    interface Thing @public { id: ID } type Secret implements Thing @auth(requires: ADMIN) { id: ID }
    type Subscription { ticks: Int @auth(requires: ADMIN) }`;
  const fresh = (): GraphQLSchema => guarded(SDL);
  test('accepts what guardSchema made, and what is pruned from it', () => {
    const schema = fresh();
    const policy = policyOf(schema);
    expect(lost(schema)).toEqual([]);
    expect(policy && lost(visibleSchema(policy, { viewer: viewer('USER') }))).toEqual([]);
  });

  test.each<readonly [string, (schema: GraphQLSchema) => GraphQLSchema, readonly string[]]>([
    [
      'an assignment',
      (schema) => {
        const field = schema.getQueryType()?.getFields()['a'];
        if (field) {
          field.resolve = () => 1;
        }
        return schema;
      },
      ['Query.a'],
    ],
    [
      'no resolver any more',
      (schema) => {
        const field = schema.getQueryType()?.getFields()['b'];
        if (field) {
          delete field.resolve;
        }
        return schema;
      },
      ['Query.b'],
    ],
    [
      'a replaced source of events',
      (schema) => {
        const field = schema.getSubscriptionType()?.getFields()['ticks'];
        if (field) {
          field.subscribe = () => undefined;
        }
        return schema;
      },
      ['Subscription.ticks'],
    ],
    [
      'addResolversToSchema',
      (schema) => addResolversToSchema({ schema, resolvers: { Query: { a: () => 1, b: () => 2 } } }),
      ['Query.a', 'Query.b'],
    ],
    [
      'another type resolver',
      (schema) => addResolversToSchema({ schema, resolvers: { Thing: { __resolveType: () => 'Secret' } } }),
      ['Thing'],
    ],
  ])('names what lost its guard by %s', async (_name, change, coordinates) => {
    const schema = change(fresh());
    expect(lost(schema)).toEqual(coordinates);
    const { tried, failures } = await attackSchema({ schema });
    expect([tried, failures.map(({ coordinate }) => coordinate)]).toEqual([0, coordinates]);
  });

  test('refuses a copy without the policy, so that it is not attacked in the place of the guarded schema', async () => {
    const copy = new GraphQLSchema({ ...fresh().toConfig(), extensions: {} });
    expect(lost(copy)).toEqual(['schema']);
    const { tried, failures } = await attackSchema({ schema: copy });
    expect([tried, failures.map(({ coordinate }) => coordinate)]).toEqual([0, ['schema']]);
  });

  test.each([
    ['type Note { a: Int @auth(requires: ADMIN) }', 'type Note { a: Int @auth(requires: USER) }'],
    ['type Note { a(x: Int @auth(requires: ADMIN)): Int @public }', 'type Note { a(x: Int): Int }'],
    ['input Note { a: Int @auth(requires: ADMIN) }', 'input Note { a: Int }'],
    ['enum Note { a @reads(fields: ["Query.a"]) }', 'enum Note { a }'],
  ])('readPolicy refuses what separate documents define twice: %s', (first, second) => {
    const query = 'type Query { a: Int @auth(requires: ADMIN) }';
    for (const documents of [
      [first, second],
      [second, first],
    ]) {
      expect(() => readPolicy([authTypeDefs, ROLES, query, ...documents])).toThrow('can only be defined once');
    }
  });

  test('names what was added, and refuses a schema that was never guarded', () => {
    const [one, other] = [fresh(), guarded('type Query { added: Int @auth(requires: ADMIN) }')];
    const merged = mergeSchemas({ schemas: [one, other] });
    expect(policyOf(merged)).toBeNull();
    expect(lost(merged)).not.toEqual([]);
    expect(lost(executable(SDL))).toEqual([expect.stringContaining('not guarded')]);
  });
});

describe('owners', () => {
  const SDL = 'type Note @auth(requires: ADMIN, owner: "by") { id: ID by: ID } type Query @public { note: Note }';
  const answer = async (by: unknown, id = '42'): Promise<unknown> => {
    const schema = guarded(SDL, { Query: { note: () => ({ id: 1, by }) } });
    return ask(schema, { id, roles: ['USER'], permissions: [] }, '{ note { id } }');
  };

  test.each<readonly [string, unknown]>([
    ['a text', '42'],
    ['a number', 42],
    ['a bigint', 42n],
    ['an ObjectId', { toHexString: () => '42' }],
    ['a UUID with a text of its own', { toString: () => '42' }],
    ['a Decimal', { valueOf: () => '42' }],
    ['one with toJSON', { toJSON: () => '42' }],
    ['a promise', Promise.resolve(42)],
  ])('%s names the viewer', async (_name, by) => {
    expect(await answer(by)).toEqual({ data: { note: { id: '1' } }, denied: [] });
    expect(await answer(by, '43')).toEqual({ data: { note: null }, denied: ['Query.note FORBIDDEN at note'] });
  });

  test.each<readonly [string, unknown]>([
    ['a populated document', { _id: '42', email: 'secret@example.com', passwordHash: 'secret' }],
    ['a list', ['42', 'secret']],
    ['true', true],
    ['a Date', new Date('2001-01-01')],
    ['not a number', Number.NaN],
    ['a symbol', Symbol('secret')],
  ])('%s is a failure without its value', async (_name, by) => {
    expect(await answer(by)).toEqual({
      data: { note: null },
      denied: ['The owner field Note.by holds a value that is not an id at note'],
    });
  });

  test.each(['subschemaErrors', 'initialSubschema', 'subschemaMap'])(
    'an object that a stitched schema marks with %s is never judged by an alias',
    async (mark) => {
      const note = Object.assign({ id: 1, by: '42' }, { [Symbol.for(mark)]: [] });
      const schema = guarded(SDL, { Query: { note: () => note } });
      const result = await ask(schema, { id: '42', roles: ['USER'], permissions: [] }, '{ note { id } }');
      expect(result).toMatchObject({ data: { note: null } });
      expect(result.denied[0]).toContain('guard the subschema instead');
    },
  );

  test('an owner that is read by response key is refused at start', () => {
    const plain = makeExecutableSchema({ typeDefs: [authTypeDefs, ROLES, SDL] });
    const note = plain.getType('Note');
    const by = isObjectType(note) ? note.getFields()['by'] : undefined;
    expect(by).toBeDefined();
    Object.assign(by ?? {}, { resolve: Object.defineProperty(() => null, 'name', { value: 'defaultMergedResolver' }) });
    expect(() => guardSchema(plain, { viewer: () => ANONYMOUS })).toThrow(PolicyError);
  });

  test.each<readonly [string, string, unknown]>([
    [
      'a path',
      'type A @public { owner: ID } type Note @auth(owner: "account.owner") { id: ID account: A }',
      { account: { owner: 42 } },
    ],
    [
      'one of several',
      'type Note @auth(owner: ["by", "editor"]) { id: ID by: ID editor: ID }',
      { by: '1', editor: '42' },
    ],
    ['a scalar', 'scalar UUID type Note @auth(owner: "by") { id: ID by: UUID }', { by: '42' }],
    ['a number', 'type Note @auth(owner: "by") { id: ID by: Int! }', { by: 42 }],
  ])('by %s', async (_name, sdl, note) => {
    const schema = guarded(`${sdl} type Query @public { note: Note }`, {
      Query: { note: () => ({ id: 1, ...(note as object) }) },
    });
    const [owner, other] = ['42', '43'].map((id) => ({ id, roles: [], permissions: [] }));
    expect((await ask(schema, owner ?? ANONYMOUS, '{ note { id } }')).data).toEqual({ note: { id: '1' } });
    expect((await ask(schema, other ?? ANONYMOUS, '{ note { id } }')).data).toEqual({ note: null });
  });
});

test('every object type of a guarded schema keeps its inputs as they were', async () => {
  const { GraphQLScalarType } = await import('graphql');
  const Cents = new GraphQLScalarType({
    name: 'Cents',
    serialize: (value) => Number(value) / 100,
    parseValue: (value) => value,
  });
  const plain = executable(
    'scalar Cents type Query @public { price(most: Cents = 5000): Int secret: Int @auth(requires: ADMIN) }',
    { Cents, Query: { price: (_source: unknown, { most }: { most: number }) => most } },
  );
  const schema = guardSchema(plain, { viewer: (context: AccessViewer) => context });
  expect((await ask(schema, ANONYMOUS, '{ price }')).data).toEqual({ price: 5000 });
  const query = schema.getType('Query');
  expect(isObjectType(query)).toBe(true);
});
