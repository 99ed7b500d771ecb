import type { GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import { type AccessViewer, type Denial, guardSchema } from '../../src/access/index.ts';
import { ask, executable, viewer } from './support.ts';

// Executors may copy the internal values of enums: the guard finds out which value of the schema a copy stands for.

const SDL = `
  type Account @public { iban: String @auth(requires: ADMIN) name: String }
  enum Order { NAME IBAN @reads(fields: ["Account.iban"]) }
  type Query @public { accounts(orderBy: Order, lists: [[Order]]): [Account] }
`;

class Column {
  readonly column: string;
  constructor(column: string) {
    this.column = column;
  }
}

class Hidden {
  readonly #column: string;
  constructor(column: string) {
    this.#column = column;
  }
  valueOf(): string {
    return this.#column;
  }
}

function schemaOf(NAME: unknown, IBAN: unknown, denials: Denial[] = []) {
  return guardSchema(executable(SDL, { Order: { NAME, IBAN }, Query: { accounts: () => [] } }), {
    viewer: (context: AccessViewer) => context,
    onDenied: (denial) => denials.push(denial),
  });
}

test.each<readonly [string, unknown, unknown, unknown, boolean]>([
  ['nothing', { column: 'name' }, { column: 'iban' }, undefined, true],
  ['null', { column: 'name' }, { column: 'iban' }, null, true],
  ['a copy of the open value', { column: 'name' }, { column: 'iban' }, { column: 'name' }, true],
  ['a copy beside a text', 'name', { column: 'iban' }, { column: 'iban' }, false],
  ['a copy of an open value beside a text', { column: 'name' }, 'iban', { column: 'name' }, true],
  ['a copy with a part more', { column: 'name' }, { column: 'iban' }, { column: 'name', and: 'iban' }, false],
  ['a copy with a part less', { column: 'name', and: 1 }, { column: 'iban' }, { column: 'name' }, false],
  ['a copy with another part', { column: 'name' }, { column: 'iban' }, { columns: 'name' }, false],
  ['a copy of a copy', { by: { column: 'name' } }, { by: { column: 'iban' } }, { by: { column: 'name' } }, true],
  ['another class', { column: 'name' }, { column: 'iban' }, new Column('name'), true],
  ['the same class', new Column('name'), new Column('iban'), new Column('name'), true],
  ['parts that only their JSON shows', new Date(1), new Date(2), new Date(1), true],
  ['parts that JSON cannot hold', { column: 1n }, { column: 2n }, { column: 1n }, true],
  ['such parts of another value', { column: 1n }, { column: 2n }, { column: 2n }, false],
  ['the name of an open value', 'name_asc', 'iban_asc', 'NAME', true],
  ['the name of a guarded value', 'name_asc', 'iban_asc', 'IBAN', false],
  ['the name of an open value that is the internal value of another', 'name_asc', 'NAME', 'NAME', false],
  ['neither a value nor a name', 'name_asc', 'iban_asc', 'name', false],
  ['parts that cannot be seen', new Hidden('name'), new Hidden('iban'), new Hidden('name'), false],
])('%s may be supplied, or not', (_name, NAME, IBAN, orderBy, isAllowed) => {
  const denials: Denial[] = [];
  const schema = schemaOf(NAME, IBAN, denials);
  const info = { schema, variableValues: {}, path: { prev: undefined, key: 'accounts' } };
  const resolve = schema.getQueryType()?.getFields()['accounts']?.resolve;
  const call = (): unknown => {
    try {
      return resolve?.({}, { orderBy }, viewer('USER'), info as unknown as GraphQLResolveInfo);
    } catch (error) {
      return String(error);
    }
  };
  expect(call()).toEqual(isAllowed ? [] : 'Permission denied');
  expect(denials.map(({ coordinate }) => coordinate)).toEqual(isAllowed ? [] : ['Order.IBAN']);
});

test('values that are lists are distinguished from lists of values', async () => {
  const schema = schemaOf(['name', 'asc'], ['iban', 'asc']);
  expect((await ask(schema, viewer('USER'), '{ accounts(lists: [[NAME, NAME]]) { name } }')).denied).toEqual([]);
  expect((await ask(schema, viewer('USER'), '{ accounts(lists: [[NAME], [IBAN]]) { name } }')).denied).toEqual([
    'Order.IBAN FORBIDDEN at accounts',
  ]);
});

// graphql-tools gives an enum its internal values, but leaves names in the defaults within defaults of graphql 16.
test.each(['{ g { name } }', '{ g(g: {}) { name } }', '{ gs { name } }'])(
  'a default within a default is the one of the schema, and denies nothing: %s',
  async (operation) => {
    const sdl = `
      type Account @public { iban: String @auth(requires: ADMIN) name: String }
      enum Order { NAME IBAN @reads(fields: ["Account.iban"]) }
      input Inner { order: Order = NAME }
      input Outer { order: Order = NAME orders: [Order!] = [NAME] nested: Inner = {} }
      type Query @public { g(g: Outer = {}): [Account] gs(gs: [Outer!] = [{}]): [Account] }
    `;
    const seen: unknown[] = [];
    const see = (_source: unknown, args: unknown): never[] => {
      seen.push(args);
      return [];
    };
    const resolvers = { Order: { NAME: 'name_asc', IBAN: 'iban_asc' }, Query: { g: see, gs: see } };
    const plain = executable(sdl, resolvers);
    const schema = guardSchema(plain, { viewer: (context: AccessViewer) => context });
    await ask(plain, viewer('USER'), operation);
    expect((await ask(schema, viewer('USER'), operation)).denied).toEqual([]);
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    const { denied } = await ask(schema, viewer('USER'), '{ g(g: { nested: { order: IBAN } }) { name } }');
    expect(denied).toEqual(['Order.IBAN FORBIDDEN at g']);
  },
);
