import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { TestProject } from 'vitest/node';
import { openEmbedded, openServer } from '../../src/database/database.ts';
import { migrateServer } from '../../src/database/migrate.ts';
import { databaseFolder, onServer, seedTemplate, type TemplateDatabase, TEST_LOGIN, urlOf } from './environment.ts';

declare module 'vitest' {
  interface ProvidedContext {
    database: TemplateDatabase;
  }
}

/**
 * Makes the database that each test file copies: on the PostgreSQL server of TEST_DATABASE_URL, or else on PGlite.
 * Returns what takes it away again.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const serverUrl = process.env['TEST_DATABASE_URL'] ?? null;
  return serverUrl === null ? setUpEmbedded(project) : setUpServer(project, serverUrl);
}

async function setUpEmbedded(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = databaseFolder('rolegate-test-');
  const database = await openEmbedded({ dataDir, holder: 'the tests', now: new Date() }, { progress: () => undefined });
  await seedTemplate(database.run);
  await database.close();
  const template = join(dataDir, 'database');
  await dropUnused(template);
  project.provide('database', { serverUrl: null, template });
  return async () => rmSync(dataDir, { recursive: true });
}

/** Drops the databases from which PostgreSQL makes others: more than half of the files that each test file copies. */
async function dropUnused(folder: string): Promise<void> {
  const embedded = await PGlite.create(folder);
  await embedded.exec('update pg_database set datistemplate = false');
  await embedded.exec('drop database template0');
  await embedded.exec('drop database template1');
  await embedded.close();
}

async function setUpServer(project: TestProject, serverUrl: string): Promise<() => Promise<void>> {
  const template = `rolegate_template_${process.pid}`;
  const login = `role ${TEST_LOGIN.name} login noinherit password '${TEST_LOGIN.password}'`;
  await onServer(serverUrl, `do $$ begin create ${login}; exception when duplicate_object then alter ${login}; end $$`);
  await onServer(serverUrl, `create database ${template}`);
  const loginUrl = urlOf(serverUrl, template, TEST_LOGIN);
  await migrateServer(urlOf(serverUrl, template), loginUrl, () => undefined);
  const database = await openServer({ url: loginUrl, adminUrl: null, production: true }, { progress: () => undefined });
  await seedTemplate(database.run);
  await database.close();
  project.provide('database', { serverUrl, template });
  return () => onServer(serverUrl, `drop database ${template} with (force)`);
}
