import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DOCUMENTS_USAGE, documentsCommand } from '../../src/cli/documents.ts';
import { readConfig } from '../../src/config/config.ts';
import { openDatabase } from '../../src/database/database.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { hashOfDocument } from '../../src/database/trusted-documents.ts';

const HELLO = 'query Hello { publicMessage { text } }\n';
const OTHER = 'query Other { __typename }';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-documents-'));
  const files = {
    'hello.graphql': HELLO,
    'wrong.graphql': 'query Wrong {\n  nothing }',
    'broken.graphql': '{',
    'codegen.json': JSON.stringify({ [hashOfDocument(OTHER)]: OTHER }),
    'sha1.json': JSON.stringify({ d670460b4b4aece5915caf5c68d12f560a9fe3e4: OTHER }),
    'apollo.json': JSON.stringify({
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ id: hashOfDocument(OTHER), name: 'Other', type: 'query', body: OTHER }],
    }),
    'other.json': '{ "a": 1 }',
  };
  Object.entries(files).forEach(([name, text]) => writeFileSync(join(folder, name), text));
});
afterAll(() => rmSync(folder, { recursive: true }));

const config = () => readConfig({ DATA_DIR: join(folder, 'data'), DEMO_DATA: 'false' });

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const files = args.map((arg) => (/\.(?:graphql|json)$/.test(arg) ? join(folder, arg) : arg));
  const code = await documentsCommand(files, config(), {
    out: (text) => void (text.startsWith('…') || out.push(text)),
    err: (text) => void (text.startsWith('…') || err.push(text.replaceAll(`${folder}/`, ''))),
    now: () => new Date(),
  });
  return { code, out, err };
}

it('documents are published, listed and removed', async () => {
  expect(await run('publish', 'hello.graphql', 'codegen.json', 'apollo.json', '--max-age', '60')).toEqual({
    code: 0,
    out: ['Done: 2 published, 0 were published already.'],
    err: [],
  });
  expect((await run('publish', 'hello.graphql')).out).toEqual(['Done: 0 published, 1 were published already.']);
  const lines = [`${hashOfDocument(HELLO)}  -  query Hello`, `${hashOfDocument(OTHER)}  60 s  query Other`];
  expect(await run('list')).toEqual({ code: 0, out: lines.sort(), err: ['2 documents.'] });
  const unknown = '0'.repeat(64);
  expect(await run('remove', `sha256:${hashOfDocument(HELLO)}`, unknown)).toEqual({
    code: 1,
    out: ['Done: 1 removed. Servers follow within 5 seconds.'],
    err: [`${unknown} is not published.`],
  });
  expect((await run('remove', '--all')).code).toBe(0);
  expect((await run('list')).err).toEqual(['0 documents.']);
});

it('the audit trail has an event for each document that changes, and none for the others', async () => {
  const hash = hashOfDocument(HELLO);
  await run('publish', 'hello.graphql');
  await run('publish', 'hello.graphql');
  await run('publish', 'hello.graphql', '--max-age', '60');
  await run('remove', hash);
  const database = await openDatabase(config(), 'a test', () => undefined);
  const rows = await database.run(systemScope, (em) =>
    em.execute<object[]>(
      `select action, target_id as target, actor_id as actor, address, details from audit_events
       where target_type = 'trustedDocument' and target_id = ? order by id desc limit 3`,
      [hash],
    ),
  );
  await database.close();
  const event = { target: hash, actor: null, address: null };
  expect(rows).toEqual([
    { ...event, action: 'trustedDocument.removed', details: { by: 'operator' } },
    { ...event, action: 'trustedDocument.changed', details: { by: 'operator', maxAge: 60 } },
    { ...event, action: 'trustedDocument.published', details: { by: 'operator', maxAge: null } },
  ]);
});

it('all files are published or none, and every problem is listed', async () => {
  const files = ['hello.graphql', 'wrong.graphql', 'broken.graphql', 'sha1.json', 'other.json', 'missing.graphql'];
  expect(await run('publish', ...files)).toEqual({
    code: 1,
    out: [],
    err: [
      'wrong.graphql: Cannot query field "nothing" on type "Query". (line 2)',
      expect.stringMatching(/^broken\.graphql: Syntax Error: /),
      expect.stringMatching(/^sha1\.json d670\w+: Its id is not the SHA-256 of its text\.$/),
      'other.json: This is not a manifest of GraphQL Code Generator or Apollo.',
      'missing.graphql: There is no such file, or it cannot be read.',
      '5 problems. Nothing was published.',
    ],
  });
});

it.each([
  [[]],
  [['publish']],
  [['publish', 'hello.graphql', '--max-age']],
  [['publish', 'hello.graphql', '--max-age', '0']],
  [['publish', 'hello.graphql', '--max-age', '9999999']],
  [['publish', 'hello.graphql', '--public']],
  [['list', 'all']],
  [['remove']],
  [['remove', 'Hello']],
  [['remove', '--all', '0'.repeat(64)]],
])('the arguments %j are refused', async (args) => {
  expect(await run(...args)).toEqual({ code: 2, out: [], err: [DOCUMENTS_USAGE] });
});
