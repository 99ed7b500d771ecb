import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DataFolderInUse, lockDataFolder } from '../../src/database/folder.ts';
import { Program } from '../support/process.ts';

const NOW = new Date('2026-01-15T12:00:00.000Z');

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rolegate-lock-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** Starts another process, which holds the lock until it is killed. */
async function otherHolder(dataDir: string): Promise<Program> {
  const module = new URL('../../src/database/folder.ts', import.meta.url).href;
  const program = `import { lockDataFolder } from ${JSON.stringify(module)};
    lockDataFolder(${JSON.stringify(dataDir)}, 'the other one', new Date(0));
    console.log('held'); setInterval(() => {}, 1000);`;
  const other = new Program(['--input-type=module-typescript', '-e', program], { folder: dataDir });
  await other.says(/held/);
  return other;
}

it('the lock is held by one process at a time, and the next is told its holder', () => {
  const dataDir = join(folder(), 'not', 'there', 'yet');
  const lock = lockDataFolder(dataDir, 'npm start', NOW);
  expect(() => lockDataFolder(dataDir, 'npm run database', NOW)).toThrow(
    `process ${process.pid} (npm start, since 2026-01-15T12:00:00.000Z)`,
  );
  lock.release();
  lockDataFolder(dataDir, 'npm run database', NOW).release();
});

it('the lock ends with its holder, however that ends', async () => {
  const dataDir = folder();
  const other = await otherHolder(dataDir);
  expect(() => lockDataFolder(dataDir, 'npm start', NOW)).toThrow(DataFolderInUse);
  expect(() => lockDataFolder(dataDir, 'npm start', NOW)).toThrow(`process ${other.pid} (the other one`);
  await other.stop('SIGKILL');
  lockDataFolder(dataDir, 'npm start', NOW).release();
});
