import { type ExecutionResult, parse, subscribe } from 'graphql';
import { expect, test } from 'vitest';
import { type AccessViewer, guardSchema } from '../../src/access/index.ts';
import { ANONYMOUS, executable, viewer } from './support.ts';

const SDL = `
  type Note @auth(requires: EDITOR, owner: "by") { by: ID text: String }
  type Query @public { z: Int }
  type Subscription @public {
    ticks(every: Int @auth(requires: ADMIN)): Int @auth(requires: EDITOR)
    open: Open
    notes: Note
  }
  type Open @public { n: Int secret: Int @auth(requires: EDITOR) }
`;

/** Subscribes; `opened` tells how many sources were opened. */
async function listen(
  source: string,
  contextValue: AccessViewer,
  events: readonly unknown[],
  current = () => contextValue,
) {
  let opened = 0;
  async function* stream(): AsyncGenerator {
    opened += 1;
    yield* events;
  }
  const open = (): AsyncGenerator => {
    opened += 0.5;
    return stream();
  };
  const schema = guardSchema(
    executable(SDL, {
      Subscription: { ticks: { subscribe: open }, open: { subscribe: open }, notes: { subscribe: open } },
    }),
    { viewer: current },
  );
  const result = await subscribe({ schema, document: parse(source), contextValue });
  const answers: ExecutionResult[] = [];
  if (Symbol.asyncIterator in result) {
    for await (const answer of result) {
      answers.push(answer);
    }
  } else {
    answers.push(result);
  }
  const told = answers.map(({ data, errors = [] }) => ({
    data: data === undefined ? undefined : JSON.parse(JSON.stringify(data)),
    denied: errors.map(({ extensions }) => extensions['coordinate']),
  }));
  return {
    opened,
    told,
    codes: answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions['code'])),
  };
}

test('a denied subscription opens no source', async () => {
  const refused = { opened: 0, told: [{ data: undefined, denied: ['Subscription.ticks'] }] };
  expect(await listen('subscription { ticks }', viewer('USER'), [{ ticks: 1 }])).toEqual({
    ...refused,
    codes: ['FORBIDDEN'],
  });
  expect(await listen('subscription { ticks }', ANONYMOUS, [{ ticks: 1 }])).toEqual({
    ...refused,
    codes: ['UNAUTHENTICATED'],
  });
});

test('an allowed subscription gets its events', async () => {
  const { opened, told } = await listen('subscription { ticks }', viewer('EDITOR'), [{ ticks: 1 }, { ticks: 2 }]);
  expect(opened).toBe(1.5);
  expect(told).toEqual([
    { data: { ticks: 1 }, denied: [] },
    { data: { ticks: 2 }, denied: [] },
  ]);
});

test('a subscription with a denied argument opens no source', async () => {
  expect(await listen('subscription { ticks(every: 1) }', viewer('EDITOR'), [{ ticks: 1 }])).toMatchObject({
    opened: 0,
    told: [{ denied: ['Subscription.ticks(every:)'] }],
  });
});

test('fields of an event are guarded', async () => {
  expect(
    await listen('subscription { open { n secret } }', viewer('USER'), [{ open: { n: 1, secret: 2 } }]),
  ).toMatchObject({
    told: [{ data: { open: { n: 1, secret: null } }, denied: ['Open.secret'] }],
  });
});

test('events are judged by their owner one by one', async () => {
  const events = [{ notes: { by: 'me', text: 'a' } }, { notes: { by: 'you', text: 'b' } }];
  expect((await listen('subscription { notes { text } }', viewer('USER'), events)).told).toEqual([
    { data: { notes: { text: 'a' } }, denied: [] },
    { data: { notes: null }, denied: ['Subscription.notes'] },
  ]);
});

test('the viewer is read again for each event, for nested fields too', async () => {
  const context = viewer();
  const roles = ['EDITOR', 'EDITOR', 'USER', 'EDITOR'];
  const current = (): AccessViewer => viewer(roles.shift() ?? '');
  const events = [1, 2, 3].map((n) => ({ open: { n, secret: n } }));
  const { told } = await listen('subscription { open { secret } }', context, events, current);
  expect(told.map(({ denied }) => denied)).toEqual([[], [], ['Open.secret']]);
});

test('a role that is lost ends the events, not the source', async () => {
  const roles = ['EDITOR', 'EDITOR', 'USER'];
  const { opened, told } = await listen('subscription { ticks }', viewer(), [{ ticks: 1 }, { ticks: 2 }], () =>
    viewer(roles.shift() ?? ''),
  );
  expect(opened).toBe(1.5);
  expect(told).toEqual([
    { data: { ticks: 1 }, denied: [] },
    { data: { ticks: null }, denied: ['Subscription.ticks'] },
  ]);
});
