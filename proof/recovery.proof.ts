import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Postgres } from './faults/postgres.ts';
import { environmentOn, Server, verifyAudit } from './faults/server.ts';
import { run } from './faults/volume.ts';
import { report } from './report.ts';

// Recovery to a point in time as docs/operations.md describes it, with Debian's PostgreSQL: base backup, archive of the log,
// a mistake, and a restart from before it. It needs root, to run PostgreSQL as its own user.

let folder: string;
const closing: (() => unknown)[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-recovery-'));
  chmodSync(folder, 0o777);
  mkdirSync(join(folder, 'archive'));
  chmodSync(join(folder, 'archive'), 0o777);
});
afterAll(async () => {
  for (const close of closing.splice(0).toReversed()) {
    await close();
  }
  rmSync(folder, { recursive: true });
});

async function start(postgres: Postgres): Promise<Server> {
  const server = await Server.start(environmentOn(postgres));
  closing.push(() => server.stop());
  return server;
}

async function write(server: Server, title: string): Promise<string> {
  const token = (await server.login('sales')).text('login', 'accessToken');
  const input = `{ title: "${title}", content: "Text" }`;
  const answer = await server.ask(`mutation { createDocument(input: ${input}) { id } }`, { token });
  return answer.text('createDocument', 'id');
}

/** Returns which of the documents are there. */
async function found(server: Server, ids: readonly string[]): Promise<boolean[]> {
  const token = (await server.login('sales')).text('login', 'accessToken');
  const answers = await Promise.all(ids.map((id) => server.ask(`{ document(id: "${id}") { id } }`, { token })));
  return answers.map((answer, index) => answer.text('document', 'id') === ids[index]);
}

it('a recovery has what was written before the point in time, and nothing that was written after it', async () => {
  const archive = join(folder, 'archive');
  const postgres = await Postgres.create(folder, {
    settings: { archive_mode: 'on', archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f` },
  });
  const server = await start(postgres);
  const early = await write(server, 'Before the base backup');
  postgres.backUp(join(folder, 'base'));
  const late = await write(server, 'After the base backup');
  await sleep(2_000); // its audit event is sealed
  const [point] = await postgres.execute<{ now: string }>('select now()::text');
  await sleep(1_000);
  const mistake = await write(server, 'The mistake');
  await sleep(1_500);
  expect(await found(server, [early, late, mistake])).toEqual([true, true, true]);
  await server.stop();
  await postgres.execute('select pg_switch_wal()');
  postgres.stop();

  const base = postgres.at(join(folder, 'base'));
  base.configure({
    restore_command: `cp ${archive}/%f %p`,
    recovery_target_time: point?.now ?? '',
    recovery_target_action: 'promote',
  });
  run('touch', join(folder, 'base', 'recovery.signal'));
  const since = performance.now();
  base.start();
  closing.push(() => base.stop('immediate'));
  const ms = Math.round(performance.now() - since);
  const verified = await verifyAudit(base.url('rolegate'));
  const restarted = await start(base);
  const there = await found(restarted, [early, late, mistake]);
  expect([verified, there]).toEqual([0, [true, true, false]]);
  const after = await write(restarted, 'After the recovery');
  await sleep(1_500);
  expect(await found(restarted, [after])).toEqual([true]);
  expect(await verifyAudit(base.url('rolegate'))).toBe(0);
  report('recovery to a point in time', { before: 2, after: 0, audit: 'intact before and after a new write', ms });
});
