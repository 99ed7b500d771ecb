import { makeExecutableSchema } from '@graphql-tools/schema';
import { defaultFieldResolver, isObjectType, type GraphQLResolveInfo } from 'graphql';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type AccessViewer,
  authTypeDefs,
  type Denial,
  guardSchema,
  type PolicyInput,
  readPolicy,
} from '../../src/access/index.ts';
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
    ['an object that fails to tell its id', { toJSON: () => JSON.parse('secret') as unknown }],
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

  test('are not found by a policy that reads an alias', async () => {
    const note = Object.assign({ id: 1, by: 'me' }, { [Symbol.for('subschemaErrors')]: [] });
    const sdl = 'type Note @public { id: ID @auth(policy: "own") by: ID } type Query @public { note: Note }';
    const own = ({ object }: PolicyInput): boolean => (object as typeof note).by === 'me';
    const schema = guarded(sdl, { Query: { note: () => note } }, { policies: { own } });
    const { data, denied } = await ask(schema, viewer(), '{ note { id } }');
    expect(data).toEqual({ note: { id: null } });
    expect(denied).toEqual([
      'The object that a policy judges cannot be read: the object comes from another schema and is keyed by alias; guard the subschema instead at note.id',
    ]);
  });

  test('an owner that is read by response key is refused at start', () => {
    const plain = makeExecutableSchema({ typeDefs: [authTypeDefs, ROLES, SDL] });
    const note = plain.getType('Note');
    const by = isObjectType(note) ? note.getFields()['by'] : undefined;
    expect(by).toBeDefined();
    Object.assign(by ?? {}, { resolve: Object.defineProperty(() => null, 'name', { value: 'defaultMergedResolver' }) });
    expect(() => guardSchema(plain, { viewer: () => ANONYMOUS })).toThrow(
      'Note.by: is an owner and read by response key',
    );
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
