import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createPasswordHasher, type PasswordHasher } from '../../src/auth/passwords/hashing.ts';
import type { Run } from '../../src/database/database.ts';
import { seedBuiltInRoles, seedDemo } from '../../src/database/seed/seed.ts';
import { builtInRoles, buildSchema } from '../../src/schema.ts';

/** The values that the global set-up provides to test files: a database to copy, on the engine of this run. */
export interface TemplateDatabase {
  /** A PostgreSQL server to run on (its superuser); null: PGlite. */
  readonly serverUrl: string | null;
  /** The folder of the embedded template, or the name of the template database. */
  readonly template: string;
}

/** The login that the tests' servers use: without rights of its own, as in production. */
export const TEST_LOGIN = { name: 'rolegate_test', password: 'rolegate-test' } as const;

/** Weak hashes: tests are not about their price. */
export function createTestHasher(): PasswordHasher {
  return createPasswordHasher({ parameters: { memoryCost: 64, timeCost: 1, parallelism: 1 } });
}

/** Fills a migrated database with what the demo has. */
export async function seedTemplate(run: Run): Promise<void> {
  const hasher = createTestHasher();
  await seedBuiltInRoles(run, builtInRoles(buildSchema()));
  await seedDemo(
    run,
    (password) => hasher.hash(password),
    () => undefined,
  );
}

/** The same server, another database and possibly another login. */
export function urlOf(serverUrl: string, database: string, login?: typeof TEST_LOGIN): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  if (login !== undefined) {
    url.username = login.name;
    url.password = login.password;
  }
  return url.href;
}

/** Runs one statement as the superuser. */
export async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The space that the databases of a run may take at most: each takes 40 MB, and few are open at once. */
const ROOM = 4 * 2 ** 30;

/**
 * Makes an empty folder for a database: in memory where Linux offers enough of it, since the embedded database's small
 * writes to a disk take a fifth of the processor time of a run.
 */
export function databaseFolder(prefix: string): string {
  return mkdtempSync(join(hasRoom('/dev/shm') ? '/dev/shm' : tmpdir(), prefix));
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > ROOM;
  } catch {
    return false;
  }
}
