import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { auditCommand } from '../src/cli/audit.ts';
import { openServer } from '../src/database/database.ts';
import { migrateServer } from '../src/database/migrate.ts';
import { createTestApp, TEST_SECRET } from '../test/support/app.ts';
import { createServerDatabase, type ServerDatabase } from '../test/support/database.ts';
import { onServer, TEST_LOGIN, urlOf } from '../test/support/environment.ts';
import { readConfig } from '../src/config/config.ts';
import { report } from './report.ts';

// A backup and its restoration as docs/operations.md describes them, with pg_dump and pg_restore of Debian.

const serverUrl = inject('database').serverUrl ?? '';
const restored = `rolegate_restored_${process.pid}`;
const login = `rolegate_backup_${process.pid}`;
let database: ServerDatabase;
let folder: string;

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-backup-'));
  database = await createServerDatabase();
  await onServer(serverUrl, `create role ${login} login bypassrls password 'backup'`);
  await onServer(serverUrl, `grant pg_read_all_data to ${login}`);
  await onServer(serverUrl, `grant connect on database ${nameOf(database.url)} to ${login}`);
  await onServer(serverUrl, `alter role ${login} set default_transaction_read_only = on`);
});
afterAll(async () => {
  await onServer(serverUrl, `drop database if exists ${restored} with (force)`);
  await database.drop();
  await onServer(serverUrl, `drop role ${login}`);
  rmSync(folder, { recursive: true });
});

/** Returns the database's URL for the login that makes backups. */
function backupUrl(): string {
  const url = new URL(database.url);
  url.username = login;
  url.password = 'backup';
  return url.href;
}

/** Returns the number of rows of each table, and a hash of all of them. */
async function contents(name: string): Promise<Record<string, string>> {
  const client = new Client({ connectionString: urlOf(serverUrl, name) });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ table: string }>(
      `select tablename as table from pg_tables where schemaname = 'public' order by 1`,
    );
    const result: Record<string, string> = {};
    for (const { table } of tables) {
      const { rows } = await client.query<{ content: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '') as content from ${table} t`,
      );
      result[table] = rows[0]?.content ?? '';
    }
    return result;
  } finally {
    await client.end();
  }
}

async function startOn(url: string) {
  return createTestApp({
    openDatabase: (hooks) => openServer({ url, adminUrl: null, production: true, poolSize: 4 }, hooks),
  });
}

it('a backup restores every row of every table, and the audit chain is intact', async () => {
  const app = await startOn(database.url);
  for (let count = 0; count < 20; count += 1) {
    const input = { name: `Item ${randomUUID()}`, data: { count } };
    const add = 'mutation ($input: AddInventoryItemInput!) { addInventoryItem(input: $input) { name } }';
    await app.as('MANAGER').query(add, { input }).data();
  }
  await app.audit.sealer.seal();
  await app.close();

  const file = join(folder, 'rolegate.dump');
  execFileSync('pg_dump', ['--format=custom', `--file=${file}`, backupUrl()]);
  await onServer(serverUrl, `create database ${restored}`);
  execFileSync('pg_restore', ['--exit-on-error', `--dbname=${urlOf(serverUrl, restored)}`, file]);
  const target = urlOf(serverUrl, restored, TEST_LOGIN);
  await migrateServer(urlOf(serverUrl, restored), target, () => undefined);

  const [before, after] = [await contents(nameOf(database.url)), await contents(restored)];
  const rows = Object.values(after).reduce((sum, content) => sum + Number(content.split(' ', 1)[0]), 0);
  expect(after).toEqual(before);
  expect(rows).toBeGreaterThan(1_000);

  const again = await openServer({ url: target, adminUrl: null, production: true }, { progress: () => undefined });
  const said: string[] = [];
  const code = await auditCommand(['verify'], readConfig({ JWT_SECRET: TEST_SECRET }), {
    now: () => new Date(),
    out: (line) => void said.push(line),
    err: (line) => void said.push(line),
    openDatabase: async () => again,
  });
  expect([code, said.join('\n')]).toEqual([0, expect.any(String)]);
  report('pg_dump as rolegate_backup, pg_restore', { tables: Object.keys(after).length, rows, differences: 0 });
  process.stdout.write(`${said.join('\n')}\n`);
});

it('a server runs on the restored database, and shows viewers their rows only', async () => {
  const app = await startOn(urlOf(serverUrl, restored, TEST_LOGIN));
  expect(await app.as('ADMIN').query('{ users { totalCount } accounts { totalCount } }').data()).toMatchObject({
    accounts: { totalCount: 1_000 },
  });
  const { body } = await app.as('STANDARD').request('{ users { totalCount } }');
  expect(body).toMatchObject({ data: { users: null } });
  await app.close();
});

it('the backup login reads, and changes nothing', async () => {
  const client = new Client({ connectionString: backupUrl() });
  await client.connect();
  const attempts = ['delete from users', `update users set active = false`, 'create table t (x int)'];
  for (const attempt of attempts) {
    await client.query('set default_transaction_read_only = off');
    await expect(client.query(attempt)).rejects.toThrow(/permission denied|read-only/);
  }
  await client.end();
});
