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

it('a login of one installation opens no other database of the cluster', async () => {
  const [production, staging] = [await install(), await install()];
  for (const { ownerUrl, url } of [production, staging]) {
    await migrateServer(ownerUrl, url, quiet);
  }
  expect(await codeOf(staging.url)).toBeNull();
  expect(await codeOf(production.url)).toBeNull();
  expect(await codeOf(withDatabase(staging.url, production.name))).toBe(INSUFFICIENT_PRIVILEGE);
  expect(await codeOf(withDatabase(production.url, staging.name))).toBe(INSUFFICIENT_PRIVILEGE);
});

it('an installation from before is closed by the next migration, and does not start until then', async () => {
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
