import { readdirSync, readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { type AccessViewer, type Denial, guardSchema, type GuardOptions } from '../../src/access/index.ts';
import { ANONYMOUS, executable, guarded, viewer } from './support.ts';

const SDL = `
  type Note @auth(requires: EDITOR, owner: "by") { by: ID text: String }
  type Query @public { notes: [Note] hello: String me: String @auth }
  type Subscription @public { notes: Note }
`;

async function* events(): AsyncGenerator {
  yield { notes: { by: 'me', text: 'mine' } };
  yield { notes: { by: 'you', text: 'yours' } };
}

const schema = guarded(SDL, {
  Query: {
    notes: () => [
      { by: 'me', text: 'mine' },
      { by: 'you', text: 'yours' },
    ],
    hello: () => 'hello',
    me: () => 'me',
  },
  Subscription: { notes: { subscribe: events } },
});

const source = '{ hello me notes { text } }';
const denied = [{ path: ['notes', 1], extensions: { code: 'FORBIDDEN', coordinate: 'Query.notes' } }];

test('Apollo Server answers as graphql-js does', async () => {
  const server = new ApolloServer<AccessViewer>({ schema, includeStacktraceInErrorResponses: false });
  const ask = async (contextValue: AccessViewer): Promise<unknown> => {
    const { body } = await server.executeOperation({ query: source }, { contextValue });
    return body.kind === 'single' ? JSON.parse(JSON.stringify(body.singleResult)) : null;
  };
  expect(await ask(viewer())).toMatchObject({
    data: { hello: 'hello', me: 'me', notes: [{ text: 'mine' }, null] },
    errors: denied,
  });
  expect(await ask(viewer('EDITOR'))).toEqual({
    data: { hello: 'hello', me: 'me', notes: [{ text: 'mine' }, { text: 'yours' }] },
  });
  expect(await ask(ANONYMOUS)).toMatchObject({
    data: { hello: 'hello', me: null, notes: null },
    errors: [
      { path: ['me'], extensions: { code: 'UNAUTHENTICATED', coordinate: 'Query.me' } },
      { path: ['notes'], extensions: { code: 'UNAUTHENTICATED', coordinate: 'Query.notes' } },
    ],
  });
  await server.stop();
});

async function askYoga(who: AccessViewer, query: string, asked: GraphQLSchema = schema): Promise<string> {
  const yoga = createYoga({ schema: asked, context: () => who, logging: false });
  const response = await yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: query.startsWith('subscription') ? 'text/event-stream' : 'application/json',
    },
    body: JSON.stringify({ query }),
  });
  return response.text();
}

/** The answers in a stream of server-sent events. */
function eventsOf(stream: string): unknown[] {
  return [...stream.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => JSON.parse(json) as unknown);
}

describe('GraphQL Yoga', () => {
  test('answers queries', async () => {
    expect(JSON.parse(await askYoga(viewer(), source))).toMatchObject({
      data: { notes: [{ text: 'mine' }, null] },
      errors: denied,
    });
    expect(JSON.parse(await askYoga(viewer('EDITOR'), source))).toEqual({
      data: { hello: 'hello', me: 'me', notes: [{ text: 'mine' }, { text: 'yours' }] },
    });
  });

  test('answers subscriptions', async () => {
    const stream = await askYoga(viewer(), 'subscription { notes { text } }');
    expect(eventsOf(stream)).toMatchObject([
      { data: { notes: { text: 'mine' } } },
      { data: { notes: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] },
    ]);
  });
});

/** The events of a subscription whose viewer becomes another after the first; null for one who can no longer be read. */
async function eventsWhile(becomes: AccessViewer | null, options: Partial<GuardOptions<AccessViewer>> = {}) {
  let who: AccessViewer | null = viewer('EDITOR');
  const source = {
    subscribe: async function* () {
      yield { notes: { by: 'you', text: 'before' } };
      who = becomes;
      yield { notes: { by: 'you', text: 'after' } };
    },
  };
  const changing = guardSchema(executable(SDL, { Subscription: { notes: source } }), {
    ...options,
    viewer: () => {
      if (who === null) {
        throw new Error('no session');
      }
      return who;
    },
  });
  return eventsOf(await askYoga(ANONYMOUS, 'subscription { notes { text } }', changing));
}

describe('an executor that coerces variables once for all events does not keep a viewer', () => {
  const before = { data: { notes: { text: 'before' } } };

  test('who loses a role', async () => {
    expect(await eventsWhile(viewer('USER'))).toMatchObject([before, { data: { notes: null } }]);
  });

  test('who can no longer be read', async () => {
    expect(await eventsWhile(null)).toMatchObject([before, { data: { notes: null } }]);
  });

  test('who loses a role while guards observe', async () => {
    const told: string[] = [];
    const onDenied = ({ coordinate }: Denial) => told.push(coordinate);
    const events = await eventsWhile(viewer('USER'), { enforcement: 'observe', onDenied });
    expect(events).toMatchObject([before, { data: { notes: { text: 'after' } } }]);
    expect(told).toEqual(['Subscription.notes']);
  });
});

test('src/access imports nothing of ours, and no package but graphql', () => {
  const root = new URL('../../src/access/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const imports = files.flatMap((file) => {
    const text = readFileSync(new URL(file, root), 'utf8');
    const depth = file.split('/').length - 1;
    return [...text.matchAll(/ from '([^']+)';/g)].map(([, name = '']) => ({
      name,
      leaves: name.startsWith('../'.repeat(depth + 1)),
    }));
  });
  expect(imports.filter(({ leaves }) => leaves)).toEqual([]);
  expect(new Set(imports.map(({ name }) => name).filter((name) => !name.startsWith('.')))).toEqual(
    new Set(['graphql']),
  );
});
