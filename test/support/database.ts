import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { inject } from 'vitest';
import { type Database, type DatabaseHooks, openInMemory, openServer } from '../../src/database/database.ts';
import { onServer, TEST_LOGIN, urlOf } from './environment.ts';

const quiet: DatabaseHooks = { progress: () => undefined };

/** A database of its own with the demo data, on the engine of this run. Closing it takes it away. */
export async function openTestDatabase(hooks: DatabaseHooks = quiet): Promise<Database> {
  const { serverUrl, template } = inject('database');
  if (serverUrl === null) {
    return openInMemory(new File([await openAsBlob(template)], 'template.tar'), hooks);
  }
  const { url, drop } = await createServerDatabase();
  const database = await openServer({ url, adminUrl: null, production: true, poolSize: 8 }, hooks);
  return {
    ...database,
    close: async () => {
      await database.close();
      await drop();
    },
  };
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
  return {
    url: urlOf(serverUrl, name, TEST_LOGIN),
    drop: () => onServer(serverUrl, `drop database if exists ${name} with (force)`),
  };
}
