import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { type Database, openEmbedded } from '../../src/database/database.ts';
import { UserEntity } from '../../src/database/entities/index.ts';
import { systemScope } from '../../src/database/scopes.ts';

const { template } = inject('database');
const steps: string[] = [];
let dataDir: string;
let folder: string;

beforeEach(() => {
  steps.length = 0;
  dataDir = mkdtempSync(join(tmpdir(), 'rolegate-folder-'));
  folder = join(dataDir, 'database');
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
});

/** The files of tables: not the caches, which each start writes again. */
const tablesOf = (path: string): unknown[] =>
  existsSync(join(path, 'base'))
    ? readdirSync(join(path, 'base'), { recursive: true, encoding: 'utf8' }).filter((name) => !/pg_internal/.test(name))
    : [];

const open = (from = template): Promise<Database> =>
  openEmbedded(
    { dataDir, holder: 'a test', now: new Date('2026-01-15T12:00:00Z'), template: from },
    { progress: (step) => steps.push(step) },
  );

async function usersAfterOpening(): Promise<number> {
  const database = await open();
  try {
    return await database.run(systemScope, (em) => em.count(UserEntity));
  } finally {
    await database.close();
  }
}

describe('the folder of the embedded database', () => {
  it('a folder is opened without any other file beside it, as a backup has it', async () => {
    cpSync(template, folder, { recursive: true });
    expect(await usersAfterOpening()).toBe(210);
    expect(steps).toEqual([]);
  });

  it('a missing or empty folder is created', async () => {
    mkdirSync(folder);
    expect(await usersAfterOpening()).toBe(210);
    expect(steps).toEqual([`creating the database in ${folder}`]);
    expect(existsSync(join(dataDir, 'database.creating'))).toBe(false);
  });

  it('a folder is moved aside when its creation was interrupted', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'PG_VERSION'), '18');
    writeFileSync(join(dataDir, 'database.creating'), '');
    expect(await usersAfterOpening()).toBe(210);
    expect(readdirSync(join(dataDir, 'database.incomplete-2026-01-15T12-00-00-000Z'))).toEqual(['PG_VERSION']);
  });

  it.each<[problem: string, damage: () => void, message: string]>([
    ['lacks a file', () => rmSync(join(folder, 'PG_VERSION')), 'it lacks PG_VERSION'],
    ['lacks its control file', () => rmSync(join(folder, 'global/pg_control')), 'it lacks global/pg_control'],
    ['lacks its tables', () => rmSync(join(folder, 'base'), { recursive: true }), 'it lacks base'],
    ['lacks its log', () => rmSync(join(folder, 'pg_wal'), { recursive: true }), 'it lacks pg_wal'],
    ['has an empty file', () => truncateSync(join(folder, 'PG_VERSION')), 'PG_VERSION does not hold a version'],
    ['has half of a file', () => truncateSync(join(folder, 'global/pg_control'), 4_000), 'pg_control has 4000 bytes'],
    ['has an unreadable file', () => truncateSync(join(folder, 'global/pg_filenode.map')), 'it cannot be opened'],
  ])('a folder is refused, and stays as it is, when it %s', async (_, damage, message) => {
    cpSync(template, folder, { recursive: true });
    damage();
    const tables = tablesOf(folder);
    await expect(open()).rejects.toThrow(message);
    await expect(open()).rejects.toThrow('move the folder away');
    expect(tablesOf(folder)).toEqual(tables);
  });
});
