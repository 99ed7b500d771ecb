import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openServer } from '../../src/database/database.ts';
import { migrateServer } from '../../src/database/migrate.ts';
import { onServer } from '../support/environment.ts';

// Two installations in one cluster, each as the README says: a database, its owner, and a login without rights.

const serverUrl = inject('database').serverUrl ?? '';
const quiet = (): void => undefined;

interface Installation {
  readonly name: string;
  readonly ownerUrl: string;
  readonly url: string;
}

async function install(): Promise<Installation> {
  const id = randomUUID().slice(0, 8);
  const [name, owner, login] = [`rolegate_db_${id}`, `rolegate_owner_${id}`, `rolegate_login_${id}`];
  await onServer(serverUrl, `create role ${owner} login createrole password 'owner'`);
  await onServer(serverUrl, `create role ${login} login noinherit password 'login'`);
  await onServer(serverUrl, `create database ${name} owner ${owner}`);
  onTestFinished(async () => {
    await onServer(serverUrl, `drop database ${name} with (force)`);
    await onServer(serverUrl, `drop role ${owner}, ${login}`);
  });
  const as = (username: string, password: string): string =>
    Object.assign(new URL(serverUrl), { pathname: `/${name}`, username, password }).href;
  return { name, ownerUrl: as(owner, 'owner'), url: as(login, 'login') };
}

/** The code of the error with which a connection fails; null if it opens. */
async function codeOf(connectionString: string): Promise<unknown> {
  const client = new Client({ connectionString });
  try {
    await client.connect();
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  } finally {
    await client.end();
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';
const withDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;

it('a login of one installation cannot connect to another database of the cluster', async () => {
  const [production, staging] = [await install(), await install()];
  for (const { ownerUrl, url } of [production, staging]) {
    await migrateServer(ownerUrl, url, quiet);
  }
  expect(await codeOf(staging.url)).toBeNull();
  expect(await codeOf(production.url)).toBeNull();
  expect(await codeOf(withDatabase(staging.url, production.name))).toBe(INSUFFICIENT_PRIVILEGE);
  expect(await codeOf(withDatabase(production.url, staging.name))).toBe(INSUFFICIENT_PRIVILEGE);
});

it('a second login is admitted by the next migration, and the first can be dropped', async () => {
  const [{ name, ownerUrl, url }, { url: other }] = [await install(), await install()];
  await migrateServer(ownerUrl, url, quiet);
  const second = withDatabase(other, name);
  expect(await codeOf(second)).toBe(INSUFFICIENT_PRIVILEGE);
  expect(await migrateServer(ownerUrl, second, quiet)).toEqual([]);
  const database = await openServer({ url: second, adminUrl: null, production: true }, { progress: quiet });
  await database.close();
  const drop = (login: string) => onServer(withDatabase(serverUrl, name), `drop owned by ${new URL(login).username}`);
  await drop(url);
  expect(await codeOf(url)).toBe(INSUFFICIENT_PRIVILEGE);
  await drop(second);
});

it('the next migration closes an older installation, which does not start until then', async () => {
  const { name, ownerUrl, url } = await install();
  await migrateServer(ownerUrl, url, quiet);
  await onServer(serverUrl, `grant connect on database ${name} to public`);
  const start = () => openServer({ url, adminUrl: null, production: true }, { progress: quiet });
  await expect(start()).rejects.toThrow(
    /Every login of the PostgreSQL server may connect .*npm run database -- migrate/,
  );
  const steps: string[] = [];
  expect(await migrateServer(ownerUrl, url, (step) => steps.push(step))).toEqual([]);
  expect(steps).toEqual(['closing the database to other logins of the server']);
  await (await start()).close();
});

it('a migration that waits for a lock gives up with an error, and continues later where it stopped', async () => {
  const { ownerUrl, url } = await install();
  await migrateServer(ownerUrl, url, quiet);
  const holder = new Client({ connectionString: ownerUrl });
  await holder.connect();
  onTestFinished(() => holder.end());
  // Two migrations are pending: the first needs no lock that is held, the second changes a table that is in use.
  await holder.query(`drop table trusted_documents, invitations; alter table users drop column email_verified;
    alter table password_resets drop column kind, drop column email;
    delete from mikro_orm_migrations where name in ('0014-trusted-documents', '0016-mailed-tokens')`);
  await holder.query('begin; select count(*) from users');
  const blocked = migrateServer(ownerUrl, url, quiet, 300);
  await expect(blocked).rejects.toThrow(
    /^The migration 0016-mailed-tokens has waited 0\.3 seconds for a lock .* has changed nothing\./,
  );
  await holder.query('commit');
  expect(await migrateServer(ownerUrl, url, quiet)).toEqual(['0016-mailed-tokens']);
  expect(await migrateServer(ownerUrl, url, quiet)).toEqual([]);
});

it('the login of a server starts on a migrated database outside production, too, without the owner', async () => {
  const { ownerUrl, url } = await install();
  await migrateServer(ownerUrl, url, quiet);
  const database = await openServer({ url, adminUrl: null, production: false }, { progress: quiet });
  onTestFinished(() => database.close());
  expect(await database.isReachable()).toBe(true);
});

it('the owner migrates outside production without a variable that names them', async () => {
  const { ownerUrl } = await install();
  const database = await openServer({ url: ownerUrl, adminUrl: null, production: false }, { progress: quiet });
  onTestFinished(() => database.close());
  expect(await database.isReachable()).toBe(true);
});
