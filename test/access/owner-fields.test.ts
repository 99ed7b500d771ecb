import { type GraphQLObjectType, type GraphQLResolveInfo, GraphQLScalarType, responsePathAsArray } from 'graphql';
import { describe, expect, test } from 'vitest';
import { guardSchema } from '../../src/access/index.ts';
import { ANONYMOUS, ask, executable, guarded, problemsOf, viewer } from './support.ts';

const NOTES = `
  type Note @auth(requires: EDITOR, owner: "by") { by: ID text: String }
  type Query @public { note: Note notes: [Note] grid: [[Note]] }
  type Mutation @public { write: Note }
`;

const mine = { by: 'me', text: 'mine' };
const others = { by: 'you', text: 'yours' };

function unreadable(): never {
  throw new TypeError('nothing to read');
}

describe('the value of an owner field', () => {
  const SDL = `scalar UUID type A @public { owner: UUID } type Note @auth(owner: "a.owner") { id: ID a: A }
    type Query @public { note: Note }`;
  const UUID = new GraphQLScalarType({
    name: 'UUID',
    serialize: (value) => {
      const { bytes } = value as { readonly bytes?: readonly number[] };
      if (bytes === undefined) {
        throw new TypeError('no bytes');
      }
      return bytes.length > 0 ? bytes.join('') : { valueOf: unreadable };
    },
  });
  const failure = 'The owner field Note.a.owner holds a value that is not an id at note';

  test.each<readonly [string, unknown, string?]>([
    ['a number by a method', { valueOf: () => 42 }],
    ['a bigint by a method', { valueOf: () => 42n }],
    ['a text by the second method that gives one', { toJSON: () => ({}), toString: () => '42' }],
    ['a text beside a method that is none', { toHexString: 'x', valueOf: 'x', toString: () => '42' }],
    ['an object that only its scalar knows', { bytes: [4, 2] }],
    ['an object that its scalar does not know either', { bits: [1] }, failure],
    ['true by a method', { valueOf: () => true }, failure],
    ['an object that its scalar makes an object of which nothing can be read', { bytes: [] }, failure],
  ])('%s', async (_name, owner, failed) => {
    const schema = guarded(SDL, { UUID, Query: { note: () => ({ id: 1, a: { owner } }) } });
    const answers = await Promise.all(
      ['42', '43'].map((id) => ask(schema, { id, roles: [], permissions: [] }, '{ note { id } }')),
    );
    expect(answers).toEqual([
      { data: { note: failed === undefined ? { id: '1' } : null }, denied: failed === undefined ? [] : [failed] },
      { data: { note: null }, denied: [failed ?? 'Query.note FORBIDDEN at note'] },
    ]);
  });

  test('a path may lead through promises', async () => {
    const a = Promise.resolve({ owner: Promise.resolve('42') });
    const schema = guarded(SDL, { UUID, Query: { note: () => ({ id: 1, a }) } });
    const answers = ['42', '43'].map((id) => ask(schema, { id, roles: [], permissions: [] }, '{ note { id } }'));
    expect((await Promise.all(answers)).map(({ data }) => data)).toEqual([{ note: { id: '1' } }, { note: null }]);
  });

  test('refusals name the field', async () => {
    const note = Object.assign({ id: 1 }, { [Symbol.for('subschemaErrors')]: [] });
    const { denied } = await ask(guarded(SDL, { Query: { note: () => note } }), viewer(), '{ note { id } }');
    expect(denied).toEqual([
      'The owner field Note.a cannot be read: the object comes from another schema and is keyed by alias; guard the subschema instead at note',
    ]);
    const plain = executable(NOTES, { Query: { note: () => mine } });
    const by = (plain.getType('Note') as GraphQLObjectType).getFields()['by'];
    Object.assign(by ?? {}, { resolve: Object.defineProperty(() => null, 'name', { value: 'defaultMergedResolver' }) });
    expect(() => guardSchema(plain, { viewer: () => ANONYMOUS })).toThrow(
      'Note.by: is an owner and read by response key, so an alias would choose it; guard the subschema instead',
    );
  });
});

const IDS = 'it must be an ID, another scalar but Boolean and Float, or an object with an id';
test.each([
  ['by.x', 'passes through ID; every field but the last must return an object of one type'],
  ['all.by', 'passes through [Note]; every field but the last must return an object of one type'],
  ['is', `has the type Boolean; ${IDS}`],
  ['all', `has the type [Note]; ${IDS}`],
  ['next.x', 'does not name a field of Note'],
])('the owner %s is refused, and why', (owner, message) => {
  const note = `type Note @auth(owner: "${owner}") { by: ID is: Boolean next: Note all: [Note] }`;
  expect(problemsOf(`${note} type Query @public { note: Note }`)).toEqual([
    `Note: @auth(owner: "${owner}") ${message}`,
  ]);
});

describe('where the owner is written', () => {
  test('a resolver of the field tells the owner, in a plain value as well as in an object', async () => {
    const schema = guarded(NOTES, {
      Query: { note: () => 'me/text' },
      Note: { by: (source: string) => source.split('/')[0], text: () => 'ok' },
    });
    expect(await ask(schema, viewer(), '{ note { text } }')).toEqual({ data: { note: { text: 'ok' } }, denied: [] });
    const foreign = guarded(NOTES, {
      Query: { note: () => 'you/text' },
      Note: { by: (source: string) => source.split('/')[0] },
    });
    expect((await ask(foreign, viewer(), '{ note { text } }')).denied).toEqual(['Query.note FORBIDDEN at note']);
  });

  test('an object with an id, read through the resolvers as they are without guards', async () => {
    const sdl = `
      type Person @auth(requires: ADMIN) { id: ID! }
      type Note @auth(owner: "author") { author: Person @auth(requires: ADMIN) text: String }
      type Query @public { notes: [Note] }`;
    const schema = guarded(sdl, {
      Query: { notes: () => [{ authorId: 'me', text: 'mine' }, { authorId: 'you' }, { authorId: null }, {}] },
      Note: { author: ({ authorId }: { authorId?: string | null }) => authorId && { key: authorId } },
      Person: { id: ({ key }: { key: string }) => Promise.resolve(key) },
    });
    expect(await ask(schema, viewer(), '{ notes { text author { id } } }')).toEqual({
      data: { notes: [{ text: 'mine', author: null }, null, null, null] },
      denied: expect.arrayContaining([
        'Note.author FORBIDDEN at notes.0.author',
        'Query.notes FORBIDDEN at notes.1',
        'Query.notes FORBIDDEN at notes.2',
        'Query.notes FORBIDDEN at notes.3',
      ]),
    });
  });

  test('a field of its own is judged on its object, before its resolver', async () => {
    const sdl = `
      type Note @public { by: ID text: String @auth(requires: EDITOR, owner: "by") }
      type Query @public { notes: [Note] }`;
    const calls: unknown[] = [];
    const schema = guarded(sdl, {
      Query: { notes: () => [mine, others, { by: Promise.resolve('me'), text: 'late' }] },
      Note: {
        text: ({ text }: { text: unknown }) => {
          calls.push(text);
          return text;
        },
      },
    });
    expect(await ask(schema, viewer('USER'), '{ notes { text } }')).toEqual({
      data: { notes: [{ text: 'mine' }, { text: null }, { text: 'late' }] },
      denied: ['Note.text FORBIDDEN at notes.1.text'],
    });
    expect(calls).toEqual(['mine', 'late']);
  });

  test('a resolver of the owner is called as an executor would', async () => {
    const calls: unknown[][] = [];
    const sdl = `
      type Note @public {
        by(form: String = "short", more: Int): ID
        text: String @auth(owner: "by")
        length: Int @auth(owner: "by")
      }
      type Query @public { note: Note }`;
    const schema = guarded(sdl, {
      Query: { note: () => mine },
      Note: {
        by: ({ by }: typeof mine, args: Record<string, unknown>, context: unknown, info: GraphQLResolveInfo) => {
          const { fieldName, fieldNodes, returnType, parentType, path } = info;
          const names = fieldNodes.map(({ name }) => name.value);
          calls.push([
            Object.entries(args),
            context,
            fieldName,
            names,
            String(returnType),
            parentType,
            responsePathAsArray(path),
          ]);
          args['form'] = 'changed';
          return by;
        },
      },
    });
    const who = viewer();
    expect((await ask(schema, who, '{ note { text length } }')).denied).toEqual([]);
    const call = (field: string): unknown[] => {
      return [[['form', 'short']], who, 'by', ['by'], 'ID', schema.getType('Note'), ['note', field, 'by']];
    };
    expect(calls).toEqual([call('text'), call('length')]);
  });

  test('several owners have to be the viewer, each of them', async () => {
    const sdl = `
      type Note @public {
        by: ID
        for: ID
        text: String @auth(owner: "by") @auth(owner: "for")
        either: String @auth(requires: EDITOR, owner: "by") @auth(owner: "for")
      }
      type Query @public { notes: [Note] }`;
    const owners = [
      { by: 'me', for: 'me' },
      { by: 'me', for: 'you' },
      { by: 'you', for: 'me' },
      { by: Promise.resolve('you'), for: 'me' },
      { by: Promise.resolve('me'), for: 'me' },
    ];
    const rows = owners.map((owner) => Object.assign(owner, { text: 'x', either: 'x' }));
    const schema = guarded(sdl, { Query: { notes: () => rows } });
    const shown = async (roles: string, field: string): Promise<unknown> => {
      const { data } = await ask(schema, viewer(roles), `{ notes { x: ${field} } }`);
      return (data as { notes: { x: unknown }[] }).notes.map(({ x }) => x);
    };
    expect(await shown('USER', 'text')).toEqual(['x', null, null, null, 'x']);
    expect(await shown('USER', 'either')).toEqual(['x', null, null, null, 'x']);
    expect(await shown('EDITOR', 'text')).toEqual(['x', null, null, null, 'x']);
    expect(await shown('EDITOR', 'either')).toEqual(['x', null, 'x', 'x', 'x']);
  });

  test('two requirements need two keys', async () => {
    const sdl = `
      type Note @auth(requires: EDITOR, owner: "by") { by: ID for: ID text: String @auth(owner: "for") }
      type Query @public { notes: [Note] }`;
    const rows = [
      { by: 'me', for: 'me', text: 1 },
      { by: 'me', for: 'you', text: 2 },
      { by: 'you', for: 'me', text: 3 },
    ];
    const schema = guarded(sdl, { Query: { notes: () => rows } });
    expect((await ask(schema, viewer('USER'), '{ notes { text } }')).data).toEqual({
      notes: [{ text: '1' }, { text: null }, null],
    });
    expect((await ask(schema, viewer('EDITOR'), '{ notes { text } }')).data).toEqual({
      notes: [{ text: '1' }, { text: null }, { text: '3' }],
    });
  });

  test('a member of an abstract type is judged by its owner, too', async () => {
    const sdl = `
      type Note @auth(requires: EDITOR, owner: "by") { by: ID text: String }
      type Page @public { text: String }
      union Thing = Note | Page
      type Query @public { things: [Thing] }`;
    const things = [
      { __typename: 'Note', ...mine },
      { __typename: 'Note', ...others },
      { __typename: 'Page', text: 'page' },
      { __typename: 'Note', by: Promise.resolve('you') },
    ];
    const schema = guarded(sdl, { Query: { things: () => things } });
    const source = '{ things { ... on Note { text } ... on Page { text } } }';
    expect(await ask(schema, viewer('USER'), source)).toEqual({
      data: { things: [{ text: 'mine' }, null, { text: 'page' }, null] },
      denied: ['Query.things FORBIDDEN at things.1', 'Query.things FORBIDDEN at things.3'],
    });
    expect((await ask(schema, viewer('EDITOR'), source)).denied).toEqual([]);
    expect((await ask(schema, ANONYMOUS, source)).data).toEqual({ things: [null, null, { text: 'page' }, null] });
  });
});
