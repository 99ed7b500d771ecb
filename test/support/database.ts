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
  const name = `rolegate_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, `create database ${name} template ${template}`);
  const url = urlOf(serverUrl, name, TEST_LOGIN);
  const database = await openServer({ url, adminUrl: null, production: true, poolSize: 8 }, hooks);
  return {
    ...database,
    close: async () => {
      await database.close();
      await onServer(serverUrl, `drop database if exists ${name} with (force)`);
    },
  };
}
