import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Environment } from '../src/config/config.ts';
import { onServer } from './support/environment.ts';
import { ask, emptyFolder, type Program, readyUrl, runCommand, signIn, startServer } from './support/process.ts';

/** Processes take their time where several tests run at once. */
vi.setConfig({ testTimeout: 90_000 });

const SETTINGS: Environment = {
  NODE_ENV: 'production',
  JWT_SECRET: 'VnR5p0mQ8hZ2kYw1sT4uXc7bA9dFgJ3l',
  JWT_ISSUER: 'https://api.example.com',
  JWT_AUDIENCE: 'https://api.example.com/graphql',
};
const ADMIN: Environment = { FIRST_ADMIN_LOGIN: 'root', FIRST_ADMIN_PASSWORD: 'a quiet wooden bridge' };

it('production needs a database server', async () => {
  const server = startServer({ folder: emptyFolder(), environment: SETTINGS });
  expect(await server.ends()).toBe(1);
  expect(server.output).toMatch(/^ {2}DATABASE_URL is missing/m);
});

const { serverUrl } = inject('database');

interface EmptyDatabase {
  /** For the owner of the tables. */
  readonly ownerUrl: string;
  /** For a login that has no rights. */
  readonly url: string;
}

/** A new database, its owner, and a login as the README has it; all gone after the test. */
async function emptyDatabase(superuserUrl: string): Promise<EmptyDatabase> {
  const [name, owner, login] = ['db', 'owner', 'login'].map((part) => `rolegate_${part}_${randomUUID().slice(0, 8)}`);
  await onServer(superuserUrl, `create role ${owner} login createrole password 'owner'`);
  await onServer(superuserUrl, `create role ${login} login noinherit password 'login'`);
  await onServer(superuserUrl, `create database ${name} owner ${owner}`);
  onTestFinished(async () => {
    await onServer(superuserUrl, `drop database ${name} with (force)`);
    await onServer(superuserUrl, `drop role ${owner}, ${login}`);
  });
  const urlFor = (user: string | undefined, password: string): string => {
    const url = new URL(superuserUrl);
    return Object.assign(url, { pathname: `/${name}`, username: user, password }).href;
  };
  return { ownerUrl: urlFor(owner, 'owner'), url: urlFor(login, 'login') };
}

function start(environment: Environment): Program {
  return startServer({ folder: emptyFolder(), environment: { ...SETTINGS, ...environment } });
}

// There is a server to try it on when the run is for PostgreSQL.
describe.each(serverUrl === null ? [] : [serverUrl])('production, on a PostgreSQL server', (serverUrl) => {
  it('the server waits for the migrations, then starts with a login that owns nothing', async () => {
    const { url, ownerUrl } = await emptyDatabase(serverUrl);
    const early = start({ DATABASE_URL: url });
    expect(await early.ends()).toBe(1);
    expect(early.output).toMatch(/The database lacks 0001-foundation.*npm run database -- migrate/);

    const environment = { ...SETTINGS, DATABASE_URL: url, DATABASE_ADMIN_URL: ownerUrl };
    const migration = runCommand(['database', 'migrate'], { folder: emptyFolder(), environment });
    expect([await migration.ends(), migration.output]).toEqual([0, expect.stringMatching(/0001-foundation.*Done\./s)]);

    const server = start({ DATABASE_URL: url, ...ADMIN });
    const origin = await readyUrl(server);
    expect(server.output).not.toMatch(/demo|curl/);
    const token = await signIn(origin, 'root', ADMIN['FIRST_ADMIN_PASSWORD']);
    expect(await ask(origin, '{ users { nodes { username roles } } accounts { totalCount } }', token)).toEqual({
      data: { users: { nodes: [{ username: 'root', roles: ['SUPER_ADMIN'] }] }, accounts: { totalCount: 0 } },
    });
    expect(await server.stop('SIGTERM')).toBe(0);
  });

  it('the server does not start with a login that bypasses row-level security', async () => {
    const { url, ownerUrl } = await emptyDatabase(serverUrl);
    const superuser = Object.assign(new URL(serverUrl), { pathname: new URL(url).pathname }).href;
    const server = start({ DATABASE_URL: superuser, DATABASE_ADMIN_URL: superuser });
    expect(await server.ends()).toBe(1);
    expect(server.output).toMatch(/is a superuser.*owns tables.*create role rolegate login noinherit/s);
    expect(server.output).not.toMatch(/ at .*\.ts:/);
    const owner = start({ DATABASE_URL: ownerUrl });
    expect(await owner.ends()).toBe(1);
  });

  it('the database is migrated once, however many replicas start on an empty one', async () => {
    const { url, ownerUrl } = await emptyDatabase(serverUrl);
    const replicas = [1, 2, 3].map(() => start({ DATABASE_URL: url, DATABASE_ADMIN_URL: ownerUrl, ...ADMIN }));
    const origins = await Promise.all(replicas.map(readyUrl));
    expect(replicas.filter(({ output }) => output.includes('migrating'))).toHaveLength(1);
    const token = await signIn(origins[0] ?? '', 'root', ADMIN['FIRST_ADMIN_PASSWORD']);
    const answers = await Promise.all(origins.map((origin) => ask(origin, '{ users { totalCount } }', token)));
    expect(answers).toEqual(origins.map(() => ({ data: { users: { totalCount: 1 } } })));
  });
});
