import { execute, type GraphQLSchema, parse, subscribe } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AccessViewer, guardSchema } from '../../src/access/index.ts';
import { executable, viewer } from './support.ts';

// While guards observe, every answer is what it is without a guard, to the byte: the order of errors too, and which of
// them are left when a field that is not nullable fails early. Both depend on how many microtasks each value takes.

/** Returns a promise that is fulfilled with a value after some microtasks. */
async function after<Value>(ticks: number, value: Value): Promise<Value> {
  for (let left = ticks; left > 0; left -= 1) {
    await Promise.resolve();
  }
  return value;
}

const fails = (message: string) => () => {
  throw new Error(message);
};
const late = (ticks: number, message: string) => () => after(ticks, null).then(fails(message));

/** An object that is waited for, but no promise, as query builders are. It counts how often its query runs. */
const thenable = (value: unknown) => {
  const query = {
    runs: 0,
    ['th'.concat('en')]: (fulfilled: (value: unknown) => unknown, rejected: (error: unknown) => unknown) => {
      query.runs += 1;
      return Promise.resolve(value).then(fulfilled, rejected);
    },
  };
  return query;
};

const note = (type: string, by: unknown = 'you') => ({
  __typename: type,
  by,
  text: late(1, `text of ${type}`),
  inner: () => [late(2, 'inner')(), Promise.resolve({ __typename: 'Ruled', text: fails('ruled') })],
});
const notes = () => [note('Owned', 'me'), Promise.resolve(note('Owned')), late(3, 'row')(), null, note('Ruled')];
const ended = { done: true, value: undefined };

/** Every kind of value that an executor waits for, or iterates. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  'a list': notes,
  'a promise': async () => notes(),
  'a late promise': () => after(3, notes()),
  'a query builder': () => thenable(notes()),
  'a query builder of a Set': () => thenable(new Set(notes())),
  'a list of query builders': () => notes().map(thenable),
  'a Set': () => new Set(notes()),
  'a generator': () => notes().values(),
  'a promise of a generator': () => after(1, notes().values()),
  'an iterable that ends early': () => ({ [Symbol.iterator]: () => ({ next: () => ended }) }),
  'an iterable that is not one': () => ({ [Symbol.iterator]: () => ({ next: () => null }) }),
  'a frozen list': () => Object.freeze(notes()),
  'a proxy': () => new Proxy(notes(), {}),
  'a revoked proxy in a list': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return [note('Owned'), proxy];
  },
  'an async generator': async function* () {
    yield* notes();
  },
  'an async generator that fails': async function* () {
    yield note('Owned');
    throw new Error('stream');
  },
  'an async iterable by hand': () => ({
    [Symbol.asyncIterator]: () => {
      const rows = notes().values();
      return { next: async () => rows.next() };
    },
  }),
  'a function': () => Object.assign(() => 1, { [Symbol.iterator]: () => notes().values() }),
  'no list': () => note('Owned'),
  'an object of no type': () => [note('Nothing')],
  'an owner that fails': () => [note('Owned', fails('owner'))],
  'an error': () => new Error('an error'),
  'a rejection': late(2, 'rejected'),
};

const SDL = `
  interface Note @public { text: Int inner: [Note] }
  type Owned implements Note @auth(owner: "by") { by: ID text: Int inner: [Note] }
  type Ruled implements Note @auth(policy: "late") { text: Int inner: [Note] }
  type Query @public { owned: [Owned] notes: [Note] rival: Int must: Must }
  type Must @public { now: Int! notes: [Note] }
  type Subscription @public { notes: [Note] }
`;

let value: () => unknown = notes;
let rival = 0;
const resolvers = {
  Query: {
    owned: () => value(),
    notes: () => value(),
    rival: () => late(rival, 'rival')(),
    must: () => ({ now: () => late(rival, 'must')(), notes: () => value() }),
  },
  Subscription: {
    notes: {
      subscribe: async function* () {
        yield { notes: () => value() };
        yield { notes: () => value() };
      },
    },
  },
};
const OPERATION = '{ owned { text inner { text } } notes { __typename text inner { text } } rival }';
const MUST = '{ must { now notes { text inner { text } } } rival }';

const types = [
  {},
  { Note: { __resolveType: ({ __typename }: { __typename: string }) => __typename } },
  { Note: { __resolveType: ({ __typename }: { __typename: string }) => after(2, __typename) } },
  { Note: { __resolveType: ({ __typename }: { __typename: string }) => thenable(__typename) as unknown as string } },
];
const schemas = types.map((type) => {
  const plain = executable(SDL, { ...resolvers, ...type });
  const observed = guardSchema(plain, {
    viewer: (context: AccessViewer) => context,
    enforcement: 'observe',
    policies: { late: () => after(2, false) },
    onDenied: () => Promise.reject(new Error('listener')),
  });
  return { plain, observed };
});

const answerOf = async (schema: GraphQLSchema, source: string): Promise<string> => {
  const result = await execute({ schema, document: parse(source), contextValue: viewer('USER') });
  return JSON.stringify(result);
};

const eventsOf = async (schema: GraphQLSchema): Promise<string> => {
  const document = parse('subscription { notes { __typename text inner { text } } }');
  const events = await subscribe({ schema, document, contextValue: viewer('USER') });
  const answers: string[] = [];
  for await (const event of events as AsyncIterable<unknown>) {
    answers.push(JSON.stringify(event));
  }
  return answers.join('\n');
};

afterEach(() => vi.restoreAllMocks());

const ignore = (): void => {};

describe('an observed answer is the answer without a guard', () => {
  // Where a field that is not nullable fails early, graphql-js leaves other rejections to the process.
  beforeAll(() => {
    process.on('unhandledRejection', ignore);
  });
  afterAll(() => {
    process.off('unhandledRejection', ignore);
  });

  test.each(Object.keys(VALUES))('of %s', async (name) => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    value = VALUES[name] ?? notes;
    for (const { plain, observed } of schemas) {
      for (rival of [0, 1, 2, 4]) {
        expect(await answerOf(observed, OPERATION)).toBe(await answerOf(plain, OPERATION));
        expect(await answerOf(observed, MUST)).toBe(await answerOf(plain, MUST));
      }
      expect(await eventsOf(observed)).toBe(await eventsOf(plain));
    }
  });
});

test.each(['a query builder', 'a list of query builders'])('observing runs the queries of %s once', async (name) => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const built: { runs: number }[] = [];
  value = () => {
    const values = VALUES[name]?.();
    built.push(...([values].flat() as typeof built));
    return values;
  };
  await answerOf(schemas[0]?.observed as GraphQLSchema, '{ owned { by } }');
  expect(new Set(built.map(({ runs }) => runs))).toEqual(new Set([1]));
});

test.each(['a list', 'a query builder', 'a Set', 'a generator', 'a promise of a generator'])(
  'the denials of %s are told',
  async (name) => {
    const told: string[] = [];
    const schema = guardSchema(schemas[1]?.plain as GraphQLSchema, {
      viewer: (context: AccessViewer) => context,
      enforcement: 'observe',
      policies: { late: () => after(2, false) },
      onDenied: ({ coordinate, path }) => told.push(`${coordinate} ${path.join('.')}`),
    });
    value = VALUES[name] ?? notes;
    await answerOf(schema, '{ owned { by } notes { __typename } }');
    await new Promise(setImmediate);
    expect(told.toSorted()).toEqual(['Query.notes notes', expect.stringMatching(/^Query.owned owned\.[14]$/)]);
  },
);
