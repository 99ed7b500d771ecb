import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizedExecutor } from '@graphql-tools/executor';
import * as graphql from 'graphql';
import { createYoga } from 'graphql-yoga';
import { schema } from './incremental-schema.ts';
import { userNamed } from '../recipes/users.ts';

type Execute = (args: graphql.ExecutionArgs) => unknown;

/** The executors at hand that iterate async iterables: graphql-js does since its version 17, which also knows @defer and @stream. */
const executors: [string, Execute][] = [['graphql-tools', normalizedExecutor as Execute]];
const experimental = (graphql as unknown as { experimentalExecuteIncrementally?: Execute })
  .experimentalExecuteIncrementally;
if (experimental !== undefined) {
  executors.push([
    'graphql-js',
    (args) => (/@defer|@stream/.test(graphql.print(args.document)) ? experimental(args) : graphql.execute(args)),
  ]);
}

const yoga = createYoga({
  schema,
  logging: false,
  context: ({ request }) => ({ user: userNamed(request.headers.get('x-user')) }),
});

/** Everything that Yoga sends, the events of a subscription too. */
async function answerOfYoga(query: string, user: string): Promise<string> {
  const accept = query.startsWith('subscription') ? 'text/event-stream' : 'application/json';
  const headers = { 'content-type': 'application/json', 'x-user': user, accept };
  const response = await yoga.fetch('http://test/graphql', {
    method: 'POST',
    headers,
    body: JSON.stringify({ query }),
  });
  return response.text();
}

/** Everything that a viewer gets, whatever parts it comes in. */
async function answerOf(execute: Execute, source: string, user: string): Promise<string> {
  const document = graphql.parse(source);
  const operation = graphql.getOperationAST(document);
  const args = { schema, document, contextValue: { user: userNamed(user) } };
  const run =
    operation?.operation === graphql.OperationTypeNode.SUBSCRIPTION && execute !== normalizedExecutor
      ? graphql.subscribe
      : execute;
  const result = (await run(args)) as object;
  const parts: unknown[] = [];
  if (Symbol.asyncIterator in result) {
    for await (const part of result as AsyncIterable<unknown>) {
      parts.push(part);
    }
  } else if ('initialResult' in result && 'subsequentResults' in result) {
    parts.push(result.initialResult);
    for await (const part of result.subsequentResults as AsyncIterable<unknown>) {
      parts.push(part);
    }
  } else {
    parts.push(result);
  }
  return JSON.stringify(parts);
}

const SOURCES = [
  '{ streamed { text } }',
  '{ connection { nodes { text } } }',
  '{ list @stream(initialCount: 1) { text } }',
  '{ list @stream(initialCount: 0) { text } }',
  '{ streamed @stream(initialCount: 0) { text } }',
  '{ streamed @stream(initialCount: 1) { text } }',
  '{ connection { nodes @stream(initialCount: 0) { text } } }',
  '{ ... @defer { streamed { text } } }',
  '{ ... @defer { list { text } } }',
  '{ slow { ... @defer { text next { text } } } }',
  '{ ... @defer { connection { ... @defer { nodes { text } } } } }',
  '{ promised { text } }',
  '{ nested { text } }',
  '{ connection { edges { node { text } } } }',
  '{ a: streamed { b: text } more: streamed { ... on Note { text } } }',
  '{ things { ... on Note { text } } }',
  '{ letters { text } }',
  '{ letters { ... on Letter { text } } }',
  '{ things @stream(initialCount: 1) { ... on Note { text } } }',
  '{ letters @stream(initialCount: 0) { text } }',
  '{ connection { edges @stream(initialCount: 0) { node { text } } } }',
  '{ ... @defer { things { ... on Note { text } } } }',
  'subscription { batches { text } }',
  'subscription { notes { text } }',
  'subscription { things { ... on Note { text } } }',
];

const clients: [string, (source: string, user: string) => Promise<string>][] = [
  ...executors.map(([name, execute]): (typeof clients)[number] => {
    return [name, (source, user) => answerOf(execute, source, user)];
  }),
  ['Yoga', answerOfYoga],
];

for (const [name, ask] of clients) {
  // Yoga knows @defer and @stream by a plugin only, which has the executor of graphql-tools.
  for (const source of SOURCES.filter((one) => name !== 'Yoga' || !/@defer|@stream/.test(one))) {
    test(`${name}: ${source}`, async () => {
      const editor = await ask(source, 'editor');
      assert.match(editor, /"mine"/);
      assert.doesNotMatch(editor, /"yours"/);
      assert.match(editor, /FORBIDDEN/);
      const admin = await ask(source, 'admin');
      assert.match(admin, /"yours"/);
      assert.doesNotMatch(admin, /errors/);
    });
  }
}
