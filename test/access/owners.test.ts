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

  test('is owned by a number as by its text', async () => {
    const seven = { id: '7', roles: [], permissions: [] };
    expect((await askFor({ by: 7, text: 'x' }, seven)).denied).toEqual([]);
    expect((await askFor({ by: 8, text: 'x' }, seven)).denied).toEqual(['Query.note FORBIDDEN at note']);
  });

  test.each([null, undefined])('%s is null, not a denial', async (nothing) => {
    expect(await askFor(nothing)).toEqual({ data: { note: null }, denied: [], called: 1 });
  });

  test('the role is sufficient without looking at the object', async () => {
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

  test('an anonymous viewer owns no object without an owner, where a policy may let them in', async () => {
    const schema = guarded(
      NOTES.replace('requires: EDITOR, owner: "by"', 'owner: "by", policy: "shown"'),
      { Query: { notes: () => [{ by: null }, { text: 'lost' }, { text: 'shown' }] } },
      { policies: { shown: ({ object }) => (object as Row).text === 'shown' } },
    );
    expect((await ask(schema, ANONYMOUS, '{ notes { text } }')).data).toEqual({
      notes: [null, null, { text: 'shown' }],
    });
  });

  test('owners at paths of the same letters are different owners', async () => {
    const schema = guarded(
      `type Note @auth(owner: ["a.bc", "ab.c"]) { a: A ab: B text: String } type A @public { bc: ID } type B @public { c: ID }
       type Query @public { notes: [Note] }`,
      { Query: { notes: () => [{ ...mine, ab: { c: 'me' } }, { ...mine, a: { bc: 'me' } }, { a: { bc: 'x' } }] } },
    );
    expect((await ask(schema, viewer('USER'), '{ notes { text } }')).data).toEqual({
      notes: [{ text: 'mine' }, { text: 'mine' }, null],
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

  test('a value that an owner throws is a failure, even if it is not an Error', async () => {
    const note = {
      get by(): string {
        // oxlint-disable-next-line no-throw-literal, only-throw-error -- libraries do
        throw 'broken';
      },
    };
    expect(await askFor(note)).toMatchObject({
      data: { note: null },
      denied: ['The owner field Note.by cannot be read: its resolver threw something that is not an error at note'],
    });
  });

  test('an error that the resolver throws is reported unchanged', async () => {
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

  test('__typename does not lead around the guard', async () => {
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
