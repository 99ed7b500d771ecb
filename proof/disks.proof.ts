import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Load } from './faults/load.ts';
import { Postgres } from './faults/postgres.ts';
import { environmentOn, Server } from './faults/server.ts';
import { Volume } from './faults/volume.ts';
import { report } from './report.ts';

// A full, a stopped and a slow disk under PostgreSQL, and a full one under the embedded database. It needs root, Linux and
// Debian's PostgreSQL: disks are loop devices with ext4, `fsfreeze` stops them, and cgroups make them slow.

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) {
    await close();
  }
});

interface Stage {
  readonly server: Server;
  readonly load: Load;
  readonly postgres: Postgres;
}

function volume(megabytes: number): Volume {
  const disk = new Volume(megabytes);
  closing.push(() => disk.remove());
  return disk;
}

/** A server on a PostgreSQL with the demo data, and clients with a token. */
async function start(data: string, log?: string, settings?: Record<string, string>): Promise<Stage> {
  const postgres = await Postgres.create(data, {
    ...(log === undefined ? {} : { log }),
    ...(settings && { settings }),
  });
  closing.push(() => postgres.stop('immediate'));
  const server = await Server.start(environmentOn(postgres));
  closing.push(() => server.stop());
  return { server, postgres, load: await clients(server) };
}

async function clients(server: Server): Promise<Load> {
  const { text } = await server.login('sales');
  return new Load(server, text('login', 'accessToken'), 16_000);
}

/** Runs the clients until the fault is gone, and then until everything is served again. */
async function suffer(
  name: string,
  { server, load }: Omit<Stage, 'postgres'>,
  fault: () => Promise<void>,
  end: () => unknown,
) {
  load.start();
  await sleep(2_000);
  load.reset();
  await fault();
  const [live, ready] = [await server.status('/livez'), await server.status('/readyz')];
  const during = { writes: String(load.writes), reads: String(load.reads), logins: String(load.logins) };
  const { others, longest } = {
    others: load.writes.others + load.reads.others + load.logins.others,
    longest: Math.max(load.writes.longest, load.reads.longest, load.logins.longest),
  };
  await end();
  const recovery = await load.recovery();
  const readyAfter = await server.status('/readyz');
  await load.stop();
  const lost = await load.lost();
  const acknowledged = load.acknowledged.length;
  const refused = load.writes.count('503 SERVICE_UNAVAILABLE');
  report(name, { ...during, live, ready, recoveryMs: recovery, readyAfter, acknowledged, lost });
  return { live, ready, others, longest, recovery, readyAfter, lost, refused };
}

const HELD = { live: 200, others: 0, readyAfter: 200, lost: 0 };

it('the server survives a full disk of the tables, where that of the write-ahead log has room', async () => {
  const [tables, log] = [volume(250), volume(250)];
  // A checkpoint during the fault would end PostgreSQL: it has to write beside the tables.
  const stage = await start(tables.folder, log.folder, { max_wal_size: '160MB', checkpoint_timeout: '1h' });
  const outcome = await suffer(
    'PostgreSQL, its tables full',
    stage,
    async () => {
      tables.fill();
      await sleep(15_000);
    },
    () => tables.empty(),
  );
  expect(outcome).toMatchObject({ ...HELD, ready: 200 });
  expect(outcome.refused).toBeGreaterThan(0);
  expect(outcome.recovery).toBeLessThan(5_000);
});

it('PostgreSQL stops when every disk is full, and starts when there is room', async () => {
  const disk = volume(250);
  const stage = await start(disk.folder);
  const outcome = await suffer(
    'PostgreSQL, everything full',
    stage,
    async () => {
      disk.fill();
      await sleep(15_000);
    },
    () => {
      disk.empty();
      stage.postgres.startAgain(); // PostgreSQL ends itself when it cannot recover for want of room
    },
  );
  expect(outcome).toMatchObject(HELD);
  expect(outcome.refused).toBeGreaterThan(0);
});

it('the server survives a disk that stands still for 20 seconds', async () => {
  const disk = volume(400);
  const stage = await start(disk.folder);
  const outcome = await suffer(
    'PostgreSQL, its disk stands still for 20 s',
    stage,
    async () => {
      disk.freeze();
      await sleep(20_000);
    },
    () => disk.thaw(),
  );
  expect(outcome).toMatchObject(HELD);
  expect(outcome.longest).toBeLessThan(30_000);
  expect(outcome.recovery).toBeLessThan(5_000);
});

it.each([20, 5])('the server works on a disk that writes %i times a second', async (writes) => {
  const disk = volume(400);
  const stage = await start(disk.folder, undefined, { wal_sync_method: 'open_datasync' });
  const outcome = await suffer(
    `PostgreSQL, ${writes} writes to its disk a second`,
    stage,
    async () => {
      disk.slowDown(stage.postgres.pid, writes);
      await sleep(30_000);
    },
    () => disk.speedUp(),
  );
  expect(outcome).toMatchObject({ ...HELD, ready: 200 });
  expect(outcome.longest).toBeLessThan(30_000);
  expect(outcome.recovery).toBeLessThan(5_000);
});

it('the embedded database survives a full disk', async () => {
  const disk = volume(250);
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-embedded-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const server = await Server.start({ DATA_DIR: join(disk.folder, 'data') });
  closing.push(() => server.stop());
  const load = await clients(server);
  const outcome = await suffer(
    'Embedded database, its disk full',
    { server, load },
    async () => {
      disk.fill();
      await sleep(20_000);
    },
    () => disk.empty(),
  );
  expect(outcome).toMatchObject(HELD);
  expect(outcome.refused).toBeGreaterThan(0);
  expect(outcome.recovery).toBeLessThan(30_000);
});
