import { describe, expect, test } from 'vitest';
import type { AccessViewer, PolicyFunction } from '../../src/access/index.ts';
import { type Answer, ask, guarded, viewer } from './support.ts';

// Executors print what was thrown, if it is not an error, in the message that the client gets.

const SDL = `type Note @public { by: ID owned: Int @auth(owner: "by") ruled: Int @auth(policy: "p") }
  type Query @public { note: Note taken(a: Int @auth(policy: "p")): Int role: Int @auth(requires: ADMIN) }`;
const secret = { password: 'secret' };
const thrower = (thrown: unknown) => (): never => {
  throw thrown as Error;
};
/** A rejected promise, rejected when it is asked for. */
const rejecter = (thrown: unknown) => () => Promise.reject(thrown);

const failures = [
  ['throws an object', thrower(secret)],
  ['throws a text', thrower('secret')],
  ['throws a symbol', thrower(Symbol('secret'))],
  ['throws true', thrower(true)],
  ['throws nothing', thrower(undefined)],
  ['rejects with an object', rejecter(secret)],
  ['rejects with a text', rejecter('secret')],
  ['rejects with true', rejecter(true)],
] as const;

interface Functions {
  readonly by?: () => unknown;
  readonly p?: () => unknown;
  readonly viewer?: () => never;
}

function askWith(source: string, { by = () => 'you', p = () => false, viewer: find }: Functions): Promise<Answer> {
  const resolvers = { Query: { note: () => ({ owned: 1, ruled: 1 }), taken: () => 1 }, Note: { by } };
  const policies = { p: p as PolicyFunction<AccessViewer> };
  return ask(guarded(SDL, resolvers, { policies, ...(find ? { viewer: find } : {}) }), viewer('USER'), source);
}

describe.each(failures)('a function that %s denies, and the value is in no message', (_name, fails) => {
  test('a policy', async () => {
    const message = 'A policy threw something that is not an error; return false to deny, or throw an Error at';
    expect(await askWith('{ note { ruled } taken(a: 1) }', { p: fails })).toEqual({
      data: { note: { ruled: null }, taken: null },
      denied: expect.toSatisfy((denied: string[]) =>
        [`${message} note.ruled`, `${message} taken`].every((one) => denied.includes(one)),
      ),
    });
  });

  test('the resolver of an owner field', async () => {
    expect(await askWith('{ note { owned } }', { by: fails })).toEqual({
      data: { note: { owned: null } },
      denied: [
        'The owner field Note.by cannot be read: its resolver threw something that is not an error at note.owned',
      ],
    });
  });
});

test.each([secret, 'secret', undefined])('a viewer that is thrown is in no message', async (thrown) => {
  expect(await askWith('{ role }', { viewer: thrower(thrown) })).toEqual({
    data: { role: null },
    denied: ['The option viewer of guardSchema threw something that is not an error at role'],
  });
});

test('an error is reported as it is, thrown or rejected with', async () => {
  const error = new Error('broken');
  const source = '{ note { owned ruled } role }';
  for (const fails of [thrower(error), rejecter(error)]) {
    const { denied } = await askWith(source, { by: fails, p: fails, viewer: thrower(error) });
    expect(denied.toSorted()).toEqual(['broken at note.owned', 'broken at note.ruled', 'broken at role']);
  }
});

test.each([
  ['a Buffer', Buffer.from('me')],
  ['other bytes', new Uint8Array([109, 101])],
  ['a view of bytes', new DataView(new ArrayBuffer(2))],
  ['bytes that are no text, and equal to others when they are decoded', Buffer.from([0xff])],
])('an owner that is %s is a failure: bytes have no text of their own', async (_name, by) => {
  expect(await askWith('{ note { owned } }', { by: () => by })).toEqual({
    data: { note: { owned: null } },
    denied: ['The owner field Note.by holds a value that is not an id at note.owned'],
  });
});
