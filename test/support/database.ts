import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { inject } from 'vitest';
import { type Database, type DatabaseHooks, openEmbedded, openServer } from '../../src/database/database.ts';
import { rowScopeOf } from '../../src/database/scopes.ts';
import { databaseFolder, onServer, TEST_LOGIN, urlOf } from './environment.ts';

/** The row scope of an administrator who has all permissions. */
export const adminScope = rowScopeOf({
  id: '11111111-1111-4111-8111-111111111111',
  accountId: null,
  roles: new Set(['ADMIN', 'DEVELOPER', 'ACCOUNT_MANAGER']),
  permissions: 'all',
});

const quiet: DatabaseHooks = { progress: () => undefined };

/** A database of its own with the demo data, on the engine of this run. Closing it takes it away. */
export async function openTestDatabase(hooks: DatabaseHooks = quiet): Promise<Database> {
  const { serverUrl, template } = inject('database');
  if (serverUrl === null) {
    const dataDir = databaseFolder('rolegate-test-');
    const embedded = await openEmbedded({ dataDir, holder: 'a test', now: new Date(), template }, hooks);
    return closedBefore(embedded, () => rmSync(dataDir, { recursive: true }));
  }
  const { url, drop } = await createServerDatabase();
  return closedBefore(await openServer({ url, adminUrl: null, production: true, poolSize: 8 }, hooks), drop);
}

/** The database, after whose end something else is to be taken away. */
function closedBefore(database: Database, cleanUp: () => unknown): Database {
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await database.close();
    await cleanUp();
  };
  return { ...database, close: () => (closing ??= close()) };
}

/** A database on the server of this run, for several processes or apps to share. */
export interface ServerDatabase {
  /** For the login without rights that servers use. */
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** Makes a database with the demo data on the PostgreSQL server: for tests that run there only (`*.server.test.ts`). */
export async function createServerDatabase(): Promise<ServerDatabase> {
  const { serverUrl, template } = inject('database');
  if (serverUrl === null) {
    throw new Error('This test needs the PostgreSQL server of TEST_DATABASE_URL');
  }
  const name = `rolegate_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, `create database ${name} template ${template}`);
  // Rights to connect are not copied from the template.
  await onServer(serverUrl, `grant connect on database ${name} to ${TEST_LOGIN.name}`);
  await onServer(serverUrl, `revoke connect on database ${name} from public`);
  return {
    url: urlOf(serverUrl, name, TEST_LOGIN),
    drop: () => onServer(serverUrl, `drop database if exists ${name} with (force)`),
  };
}
