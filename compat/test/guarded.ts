import assert from 'node:assert/strict';
import { articles } from '../recipes/data.ts';

/** An answer, as a client reads it. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly path?: unknown; readonly extensions?: Extensions }[];
}

interface Extensions {
  readonly code?: string;
  readonly coordinate?: string;
}

/** Sends an operation as a user, or as an anonymous viewer. */
export type Ask = (source: string, user?: 'editor' | 'admin') => Promise<Answer>;

/** The answers of a server that differs from graphql-js for reasons of its own. */
export interface Differences {
  /** The draft of the first article. */
  readonly draft?: string;
}

/** Returns the denials in an answer: `CODE coordinate at path`, sorted, because executors list errors in their own order. */
export function denialsIn({ errors = [] }: Answer): string[] {
  return errors
    .map(
      ({ extensions, path, message }) => `${extensions?.code ?? message} ${extensions?.coordinate} at ${String(path)}`,
    )
    .toSorted();
}

export const QUERY = '{ articles { title draft views } notes { text } }';

/** Checks that a server that serves the schema of the recipes gives each viewer what they may reach, and no more. */
export async function expectGuarded(ask: Ask, { draft = 'Access rules' }: Differences = {}): Promise<void> {
  const anonymous = await ask(QUERY);
  assert.deepEqual(plain(anonymous.data), { articles: [{ title: 'Access', draft: null, views: null }], notes: null });
  assert.deepEqual(denialsIn(anonymous), [
    'UNAUTHENTICATED Article.draft at articles,0,draft',
    'UNAUTHENTICATED Article.views at articles,0,views',
    'UNAUTHENTICATED Query.notes at notes',
  ]);
  const editor = await ask(QUERY, 'editor');
  const notes = [{ text: 'mine' }, null];
  assert.deepEqual(plain(editor.data), { articles: [{ title: 'Access', draft, views: null }], notes });
  assert.deepEqual(denialsIn(editor), [
    'FORBIDDEN Article.views at articles,0,views',
    'FORBIDDEN Query.notes at notes,1',
  ]);
  const admin = await ask(QUERY, 'admin');
  assert.deepEqual(plain(admin), {
    data: { articles: [{ title: 'Access', draft, views: 3 }], notes: [{ text: 'mine' }, { text: 'yours' }] },
  });
  await expectMutationsGuarded(ask);
}

async function expectMutationsGuarded(ask: Ask): Promise<void> {
  const denied = await ask('mutation { publish(title: "Denied") { title } }');
  assert.deepEqual(plain(denied.data), { publish: null });
  assert.deepEqual(denialsIn(denied), ['UNAUTHENTICATED Mutation.publish at publish']);
  assert.equal(articles.length, 1, 'a denied mutation writes nothing');
  const done = await ask('mutation { publish(title: "Done") { title } }', 'editor');
  articles.length = 1;
  assert.deepEqual(plain(done), { data: { publish: { title: 'Done' } } });
}

/** Checks that a server hides from each viewer what they may not reach, in validation and in introspection. */
export async function expectHidden(ask: Ask): Promise<void> {
  const [hidden] = (await ask('{ articles { draft } }')).errors ?? [];
  const [missing] = (await ask('{ articles { craft } }')).errors ?? [];
  assert.equal(hidden?.message, 'Cannot query field "draft" on type "Article".');
  assert.equal(hidden.message.replace('draft', 'craft'), missing?.message);
  assert.deepEqual(plain((await ask('{ articles { draft } }', 'editor')).data), {
    articles: [{ draft: 'Access rules' }],
  });
  const fields = '{ __type(name: "Article") { fields { name } } }';
  const names = async (user?: 'editor' | 'admin'): Promise<string> => JSON.stringify((await ask(fields, user)).data);
  assert.equal(await names(), '{"__type":{"fields":[{"name":"title"}]}}');
  assert.equal(await names('editor'), '{"__type":{"fields":[{"name":"title"},{"name":"draft"}]}}');
}

/** Executors make answers of objects without a prototype. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
