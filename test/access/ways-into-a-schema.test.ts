import { parse, subscribe } from 'graphql';
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import {
  type AccessViewer,
  authTypeDefsFor,
  type Denial,
  guardSchema,
  PolicyError,
  readPolicy,
} from '../../src/access/index.ts';
import { ANONYMOUS, ask, executable, guarded, ROLES, viewer } from './support.ts';

function refusalOf(source: readonly string[]): PolicyError {
  try {
    readPolicy(source);
  } catch (error) {
    if (error instanceof PolicyError) {
      return error;
    }
  }
  throw new Error('The policy was not refused');
}

describe('undecided fields', () => {
  const SDL =
    'type Query { open: Int @public old: Int! older: Old shut: Int @auth(requires: ADMIN) } type Old { a: Int! }';
  const plain = () => executable(SDL, { Query: { open: () => 1, old: () => 2, older: () => ({ a: 3 }) } });
  const options = { viewer: (context: AccessViewer) => context };

  test('are refused by default, shown in part and grouped by type', () => {
    const many = Array.from({ length: 50 }, (_, index) => `type T${index} { a: Int b: Int c: Int }`).join(' ');
    const refusal = refusalOf([authTypeDefsFor('Role'), ROLES, many, 'type Query @public { t: T1 }']);
    const { message, problems } = refusal;
    expect(problems).toHaveLength(150);
    expect(message.split('\n')).toHaveLength(23);
    expect(message).toContain('… and 130 more, by type: ');
    expect(inspect(refusal)).not.toContain('coordinate'); // What Node prints when a start fails.
  });

  test('are allowed and listed by `report`', async () => {
    const policy = readPolicy(plain(), { undecided: 'report' });
    expect(policy.undecided).toEqual(['Old.a', 'Query.old', 'Query.older']);
    const schema = guardSchema(plain(), { ...options, undecided: 'report' });
    expect(await ask(schema, ANONYMOUS, '{ old older { a } shut }')).toEqual({
      data: { old: 2, older: { a: 3 }, shut: null },
      denied: ['Query.shut UNAUTHENTICATED at shut'],
    });
  });

  test('are denied to every viewer by `deny`, whatever their nullability', async () => {
    const schema = guardSchema(plain(), { ...options, undecided: 'deny' });
    expect(await ask(schema, viewer('ADMIN', 'all'), '{ open older { a } }')).toEqual({
      data: { open: 1, older: null },
      denied: ['Query.older FORBIDDEN at older'],
    });
    expect((await ask(schema, viewer('ADMIN', 'all'), '{ old }')).data).toBeNull();
  });
});

const failingViewer = (): AccessViewer => {
  throw new Error('no viewer');
};

describe('observation', () => {
  const SDL = `
    type Note @auth(requires: ADMIN, owner: "by") { id: ID! by: ID }
    type Query @public { notes: [Note!]! shut(x: Int @auth(requires: ADMIN)): Int! @auth(requires: EDITOR) thing: Thing! }
    interface Thing @public { id: ID } type Secret implements Thing @auth(requires: ADMIN) { id: ID }
  `;

  test('denies nothing, and tells what would have been denied', async () => {
    const denials: Denial[] = [];
    const schema = guarded(
      SDL,
      {
        Query: {
          notes: () => [
            { id: 1, by: 'me' },
            { id: 2, by: 'other' },
          ],
          shut: () => 1,
          thing: () => ({ id: 3 }),
        },
        Thing: { __resolveType: () => 'Secret' },
      },
      { enforcement: 'observe', onDenied: (denial) => denials.push(denial) },
    );
    expect(await ask(schema, viewer('USER'), '{ notes { id } shut(x: 1) thing { id } }')).toEqual({
      data: { notes: [{ id: '1' }, { id: '2' }], shut: 1, thing: { id: '3' } },
      denied: [],
    });
    expect(new Set(denials.map(({ coordinate, enforced }) => `${coordinate} ${enforced}`))).toEqual(
      new Set(['Query.notes false', 'Query.shut false', 'Query.thing false']),
    );
  });

  const PARTS = `
    type Note @public {
      by: ID
      own: Int @auth(requires: ADMIN, owner: "by")
      judged(x: Int @auth(policy: "later")): Int @auth(policy: "later")
      tags: [Tag] @auth(requires: ADMIN, owner: "by")
      list: [Tag]
    }
    type Tag @auth(requires: ADMIN, owner: "by") { by: ID name: String }
    type Open implements Thing @public { id: ID }
    type Shut implements Thing @auth(requires: ADMIN) { id: ID }
    interface Thing @public { id: ID }
    type Query @public { note: Note things: [Thing] }
  `;
  const parts = {
    Query: {
      note: () => ({
        by: 'other',
        own: 1,
        judged: 2,
        tags: [{ by: 'me' }, { by: 'other', name: 'x' }],
        list: [{ by: 'me' }, { by: 'other' }, { by: 'other' }],
      }),
      things: () => [{ __typename: 'Open', id: 1 }, null, { __typename: 'Shut', id: 2 }],
    },
  };

  test.each<readonly [string, boolean, string, unknown, readonly string[]]>([
    ['an owner', false, '{ note { own } }', { note: { own: 1 } }, ['Note.own at note.own']],
    ['a policy', false, '{ note { judged } }', { note: { judged: 2 } }, ['Note.judged at note.judged']],
    ['a policy that allows', true, '{ note { judged } }', { note: { judged: 2 } }, []],
    [
      'an object and its items',
      true,
      '{ note { tags { name } } }',
      { note: { tags: [{ name: null }, { name: 'x' }] } },
      ['Note.tags at note.tags'],
    ],
    [
      'the owners of items',
      true,
      '{ note { list { by } } }',
      { note: { list: [{ by: 'me' }, { by: 'other' }, { by: 'other' }] } },
      ['Note.list at note.list.1'],
    ],
    ['a type', true, '{ things { id } }', { things: [{ id: '1' }, null, { id: '2' }] }, ['Query.things at things']],
  ])('tells what %s would deny', async (_name, later, source, data, told) => {
    const denials: string[] = [];
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const schema = guarded(PARTS, parts, {
      enforcement: 'observe',
      policies: { later: () => Promise.resolve(later) },
      onDenied: ({ coordinate, path }) => denials.push(`${coordinate} at ${path.join('.')}`),
    });
    expect(await ask(schema, viewer('USER'), source)).toEqual({ data, denied: [] });
    await new Promise(setImmediate);
    expect(denials).toEqual(told);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  test('prints what fails while it looks, and answers', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const failing = guarded(PARTS, parts, {
      enforcement: 'observe',
      policies: { later: () => Promise.reject(new Error('no policy')) },
    });
    expect((await ask(failing, viewer(), '{ note { judged } }')).denied).toEqual([]);
    const lost = guarded(PARTS, parts, {
      enforcement: 'observe',
      policies: { later: () => true },
      viewer: failingViewer,
    });
    expect((await ask(lost, viewer(), '{ things { id } note { own } }')).denied).toEqual([]);
    await new Promise(setImmediate);
    const failures = printed.mock.calls.map(([, error]) => String(error));
    expect(failures.toSorted()).toEqual(['Error: no policy', 'Error: no viewer']);
    printed.mockRestore();
  });

  test('survives a viewer that fails', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const schema = guarded(SDL, { Query: { shut: () => 1 } }, { enforcement: 'observe', viewer: failingViewer });
    expect(await ask(schema, ANONYMOUS, '{ shut }')).toEqual({ data: { shut: 1 }, denied: [] });
    expect(printed).toHaveBeenCalled();
    printed.mockRestore();
  });
});

/** The first event that an observing guard lets through, and the denials that it tells. */
const ticks = async (who: AccessViewer | null): Promise<readonly [unknown, readonly string[]]> => {
  const denials: string[] = [];
  const schema = guardSchema(
    executable('type Query @public { z: Int } type Subscription { ticks: Int @auth(requires: ADMIN) }', {
      Subscription: {
        ticks: {
          subscribe: async function* () {
            yield { ticks: 1 };
          },
        },
      },
    }),
    {
      enforcement: 'observe',
      onDenied: ({ coordinate }) => denials.push(coordinate),
      viewer: () => {
        if (who === null) {
          throw new Error('no viewer');
        }
        return who;
      },
    },
  );
  const result = await subscribe({ schema, document: parse('subscription { ticks }') });
  const event = Symbol.asyncIterator in result ? await result.next() : result;
  return [event, denials];
};

describe('while guards observe, a subscription', () => {
  const event = { done: false, value: { data: { ticks: 1 } } };

  test('is opened, and its denials are reported', async () => {
    expect(await ticks(viewer('USER'))).toEqual([event, ['Subscription.ticks', 'Subscription.ticks']]);
    expect(await ticks(viewer('ADMIN'))).toEqual([event, []]);
  });

  test('survives a viewer that fails', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await ticks(null)).toEqual([event, []]);
    expect(printed).toHaveBeenCalledOnce();
    printed.mockRestore();
  });
});
