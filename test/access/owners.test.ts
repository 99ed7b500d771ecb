import { type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ANONYMOUS, ask, guarded, viewer } from './support.ts';

const NOTES = `
  type Note @auth(requires: EDITOR, owner: "by") { by: ID text: String }
  type Query @public { note: Note notes: [Note] grid: [[Note]] }
  type Mutation @public { write: Note }
`;

const mine = { by: 'me', text: 'mine' };
const others = { by: 'you', text: 'yours' };

interface Row {
  readonly by?: unknown;
  readonly text?: unknown;
}

async function askFor(note: unknown, who = viewer('USER'), source = '{ note { text } }') {
  let called = 0;
  const give = (): unknown => {
    called += 1;
    return note;
  };
  const schema = guarded(NOTES, { Query: { note: give, notes: give, grid: give }, Mutation: { write: give } });
  return { ...(await ask(schema, who, source)), called };
}

/** An object with one property. */
function having(name: string, value: unknown): object {
  return { [name]: value };
}

type Give = (value: unknown) => void;

describe('one object', () => {
  const owned = { data: { note: { text: 'mine' } }, denied: [], called: 1 };
  const refused = { data: { note: null }, denied: ['Query.note FORBIDDEN at note'], called: 1 };

  test.each<readonly [string, unknown, typeof owned | typeof refused]>([
    ['mine', mine, owned],
    ["another user's", others, refused],
    ['no owner is named', { text: 'x' }, refused],
    ['null', { by: null, text: 'x' }, refused],
    ['an empty text', { by: '', text: 'x' }, refused],
    ['in another case', { by: 'ME', text: 'x' }, refused],
    ['a promise of mine', Promise.resolve(mine), owned],
    [
      'a function that can be waited for',
      Object.assign(
        () => null,
        having('then', (give: Give) => give(mine)),
      ),
      owned,
    ],
    ['one that has a field called then', { ...mine, ...having('then', 'what?') }, owned],
    ["another user's that has one", { ...others, ...having('then', 'what?') }, refused],
    ["a promise of another user's", Promise.resolve(others), refused],
    ['an owner that is promised', { by: Promise.resolve('me'), text: 'mine' }, owned],
    ['another owner that is promised', { by: Promise.resolve('you'), text: 'x' }, refused],
    ['an owner by a method', { by: () => 'me', text: 'mine' }, owned],
    ['another owner by a method', { by: () => 'you', text: 'x' }, refused],
    ['an owner by an asynchronous method', { by: () => Promise.resolve('me'), text: 'mine' }, owned],
    [
      'an instance of a class with a getter',
      new (class {
        text = 'mine';
        get by(): string {
          return 'me';
        }
      })(),
      owned,
    ],
    ['an id that serializes to mine', { by: { valueOf: () => 'me' }, text: 'mine' }, owned],
  ])('%s', async (_name, note, expected) => {
    expect(await askFor(note)).toEqual(expected);
  });

  test('a number names the same owner as its text', async () => {
    const seven = { id: '7', roles: [], permissions: [] };
    expect((await askFor({ by: 7, text: 'x' }, seven)).denied).toEqual([]);
    expect((await askFor({ by: 8, text: 'x' }, seven)).denied).toEqual(['Query.note FORBIDDEN at note']);
  });

  test.each([null, undefined])('%s is null, not a denial', async (nothing) => {
    expect(await askFor(nothing)).toEqual({ data: { note: null }, denied: [], called: 1 });
  });

  test('the role opens without looking', async () => {
    const note = {
      text: 'x',
      get by(): string {
        throw new Error('looked');
      },
    };
    expect(await askFor(note, viewer('EDITOR'))).toMatchObject({ data: { note: { text: 'x' } }, denied: [] });
  });

  test('an anonymous viewer owns nothing, and the resolver is not called', async () => {
    expect(await askFor({ by: 'null', text: 'x' }, ANONYMOUS)).toEqual({
      data: { note: null },
      denied: ['Query.note UNAUTHENTICATED at note'],
      called: 0,
    });
  });

  test.each([
    [
      'throws',
      {
        get by(): string {
          throw new Error('broken');
        },
      },
    ],
    ['rejects', { by: () => Promise.reject(new Error('broken')) }],
    ['is an error', { by: new Error('broken') }],
    ['is an error of a promise', { by: Promise.resolve(new Error('broken')) }],
  ])('an owner that %s is a failure, not an answer', async (_name, note) => {
    expect(await askFor(note)).toMatchObject({ data: { note: null }, denied: ['broken at note'] });
  });

  test('what an owner throws is a failure, even if it is no error', async () => {
    const note = {
      get by(): string {
        // oxlint-disable-next-line no-throw-literal, only-throw-error -- libraries do
        throw 'broken';
      },
    };
    expect(await askFor(note)).toMatchObject({
      data: { note: null },
      denied: ['An object could not be judged at note'],
    });
  });

  test('what the resolver throws is told as it is', async () => {
    const schema = guarded(NOTES, {
      Query: {
        note: () => {
          throw new Error('resolver');
        },
      },
    });
    expect((await ask(schema, viewer('USER'), '{ note { text } }')).denied).toEqual(['resolver at note']);
    const returning = guarded(NOTES, { Query: { note: () => new Error('returned') } });
    expect((await ask(returning, viewer('USER'), '{ note { text } }')).denied).toEqual(['returned at note']);
  });

  test('a mutation is judged by what it returns', async () => {
    expect(await askFor(others, viewer('USER'), 'mutation { write { text } }')).toEqual({
      data: { write: null },
      denied: ['Mutation.write FORBIDDEN at write'],
      called: 1,
    });
  });

  test('__typename is no way in', async () => {
    expect((await askFor(others, viewer('USER'), '{ note { __typename } }')).data).toEqual({ note: null });
  });
});

async function list(items: unknown, source = '{ notes { text } }') {
  return askFor(items, viewer('USER'), source);
}

describe('lists', () => {
  test('items are denied one by one', async () => {
    expect(await list([others, mine, null, { by: null }])).toMatchObject({
      data: { notes: [null, { text: 'mine' }, null, null] },
      denied: ['Query.notes FORBIDDEN at notes.0', 'Query.notes FORBIDDEN at notes.3'],
    });
  });

  test.each<readonly [string, () => unknown]>([
    ['promised', () => Promise.resolve([others, mine])],
    ['of promises', () => [Promise.resolve(others), Promise.resolve(mine)]],
    ['a set', () => new Set<Row>([others, mine])],
    [
      'a generator',
      () =>
        (function* () {
          yield others;
          yield mine;
        })(),
    ],
    [
      'of objects with promised owners',
      () => [{ by: Promise.resolve('you') }, { by: Promise.resolve('me'), text: 'mine' }],
    ],
  ])('%s', async (_name, items) => {
    expect(await list(items())).toMatchObject({
      data: { notes: [null, { text: 'mine' }] },
      denied: ['Query.notes FORBIDDEN at notes.0'],
    });
  });

  test('lists of lists', async () => {
    expect(await list([[others, mine], null, []], '{ grid { text } }')).toMatchObject({
      data: { grid: [[null, { text: 'mine' }], null, []] },
      denied: ['Query.grid FORBIDDEN at grid.0.0'],
    });
  });

  test('a failure of one owner is a failure of one item', async () => {
    const broken = {
      get by(): string {
        throw new Error('broken');
      },
    };
    const rejecting = { by: () => Promise.reject(new Error('rejected')) };
    expect(await list([broken, rejecting, mine, new Error('item')])).toMatchObject({
      data: { notes: [null, null, { text: 'mine' }, null] },
      denied: expect.arrayContaining(['broken at notes.0', 'rejected at notes.1', 'item at notes.3']),
    });
  });

  test.each(['text', { by: 'me' }, { [Symbol.iterator]: 'me' }])(
    'what is no list is told by the executor',
    async (one) => {
      expect((await list(one)).denied).toEqual([expect.stringContaining('Expected Iterable')]);
    },
  );
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
