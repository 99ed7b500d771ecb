import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, inject, it, onTestFinished } from 'vitest';
import { onServer, urlOf } from '../support/environment.ts';
import { emptyFolder, Program } from '../support/process.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** `npx mikro-orm` with these arguments, as in the root of the repository. */
async function mikroOrm(
  database: Record<string, string>,
  ...args: string[]
): Promise<{ code: unknown; output: string }> {
  const environment = { ...database, NO_COLOR: '1' };
  const command = [fileOf('node_modules/@mikro-orm/cli/cli.js'), ...args, '--config', fileOf('mikro-orm.config.js')];
  const program = new Program(command, { folder: fileOf('.'), environment });
  const code = await program.ends();
  return { code, output: program.output };
}

/** The settings of a new and empty database: its address is all that the commands need. */
async function emptyDatabase(): Promise<Record<string, string>> {
  const { serverUrl } = inject('database');
  if (serverUrl === null) {
    return { DATA_DIR: emptyFolder() };
  }
  const name = `rolegate_mikro_orm_${randomUUID().slice(0, 8)}`;
  await onServer(serverUrl, `create database ${name}`);
  onTestFinished(() => onServer(serverUrl, `drop database ${name} with (force)`));
  return { DATABASE_URL: urlOf(serverUrl, name) };
}

it('a migration is created only for a database that has run the existing ones', async () => {
  const database = await emptyDatabase();
  const early = await mikroOrm(database, 'migration:create');
  expect(early.output).toContain('Run npx mikro-orm migration:up first: this database lacks 0001-foundation, ');
  expect(early.code).toBe(1);
  expect((await mikroOrm(database, 'migration:up')).output).toContain('Successfully migrated up to the latest version');
});

it('an address that cannot be used is reported in one sentence', async () => {
  const { code, output } = await mikroOrm({ DATABASE_URL: 'db.example.com' }, 'migration:pending');
  expect(output).toMatch(/^The configuration cannot be used:\n {2}DATABASE_URL must be a URL: [^\n]*\n$/);
  expect(code).toBe(1);
});
