import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AccessVersion, followAccessVersion } from '../../src/auth/access-version.ts';
import type { EntityManager } from '../../src/database/orm.ts';
import type { Database } from '../../src/database/database.ts';

/** The one row, on a database that can be broken, and whose answers can be held up. */
const row = {
  version: 7,
  rolesVersion: 3,
  failure: null as Error | null,
  wait: null as Promise<void> | null,
  reads: 0,
};
const errors: unknown[] = [];

const execute = async (sql: string): Promise<unknown[]> => {
  if (sql.startsWith('update')) {
    row.version += 1;
    row.rolesVersion += sql.includes('roles_version = roles_version + 1') ? 1 : 0;
  } else {
    row.reads += 1;
  }
  const seen = { version: row.version, rolesVersion: row.rolesVersion };
  await row.wait;
  if (row.failure !== null) {
    throw row.failure;
  }
  return [seen];
};

const run: Database['run'] = (_scope, work) => work({ execute } as EntityManager);

let followed: AccessVersion;
async function follow(engine: Database['engine'] = 'postgresql'): Promise<AccessVersion> {
  followed = await followAccessVersion({ engine, run }, (error) => errors.push(error));
  return followed;
}

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(row, { version: 7, rolesVersion: 3, failure: null, wait: null, reads: 0 });
  errors.length = 0;
});
afterEach(() => {
  followed.stop();
  vi.useRealTimers();
});

describe('a change elsewhere', () => {
  it('a change by another process is seen within half a second', async () => {
    const version = await follow();
    const before = version.version;
    row.version += 1;
    await vi.advanceTimersByTimeAsync(499);
    expect(version.version).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(version.version).not.toBe(before);
  });

  it('a change of several roles is seen as one', async () => {
    const version = await follow();
    const before = version.rolesVersion;
    row.version += 1;
    await vi.advanceTimersByTimeAsync(500);
    expect(version.rolesVersion).toBe(before);
    row.rolesVersion += 1;
    await vi.advanceTimersByTimeAsync(500);
    expect(version.rolesVersion).not.toBe(before);
  });

  it('a change is seen on a restored database, under a number that was never used before', async () => {
    const version = await follow();
    const seen = [version.version];
    for (const number of [8, 7, 6, 7, 8, 3]) {
      row.version = number;
      await vi.advanceTimersByTimeAsync(500);
      seen.push(version.version);
    }
    expect(new Set(seen).size).toBe(7);
  });
});

describe('a change of this process', () => {
  it('a change by this process is known when the call returns, and not before its commit', async () => {
    const version = await follow();
    const before = version.version;
    await version.change(
      (work) => run({ role: 'rolegate_auth', viewerId: null, accountId: null }, work),
      async () => expect(version.version).toBe(before),
    );
    expect(version.version).not.toBe(before);
  });

  it('a change that fails leaves the version as it is', async () => {
    const version = await follow();
    const before = version.version;
    const failing = version.change(
      async (work) => {
        await run({ role: 'rolegate_auth', viewerId: null, accountId: null }, work);
        throw new Error('the commit failed');
      },
      async () => undefined,
    );
    await expect(failing).rejects.toThrow('the commit failed');
    expect(version.version).toBe(before);
  });

  it('a reading that began before a change does not undo it', async () => {
    const version = await follow();
    const gate = Promise.withResolvers<void>();
    row.wait = gate.promise;
    const reading = version.refresh();
    row.wait = null;
    await version.change(
      (work) => run({ role: 'rolegate_auth', viewerId: null, accountId: null }, work),
      async () => undefined,
    );
    const after = version.version;
    gate.resolve();
    await reading;
    // It may count as one change more, which costs a query; it must not lead back to where things were cached before.
    expect(version.version).toBeGreaterThanOrEqual(after);
  });
});

describe('freshness', () => {
  it('the version is unknown a second after its last reading began, until the next reading', async () => {
    const version = await follow();
    row.failure = new Error('away');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(version.isFresh).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(version.isFresh).toBe(false);
    expect(errors).toContain(row.failure);
    row.failure = null;
    await vi.advanceTimersByTimeAsync(500);
    expect(version.isFresh).toBe(true);
  });

  it('the age of a version counts from when the reading began, not from when it ended', async () => {
    const version = await follow();
    const gate = Promise.withResolvers<void>();
    row.wait = gate.promise;
    const reading = version.refresh();
    await vi.advanceTimersByTimeAsync(1_500);
    gate.resolve();
    await reading;
    expect(version.isFresh).toBe(false);
  });

  it('one reading serves all requests that wait for it', async () => {
    const version = await follow();
    version.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(version.isFresh).toBe(false);
    const { reads } = row;
    await Promise.all([version.refresh(), version.refresh(), version.refresh()]);
    expect(version.isFresh).toBe(true);
    expect(row.reads).toBe(reads + 1);
  });

  it('the version of the embedded database is always known: no other process changes it', async () => {
    const version = await follow('pglite');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(version.isFresh).toBe(true);
    expect(row.reads).toBe(1);
  });
});

describe('an outage', () => {
  it('an outage counts as recent while it lasts, and for ten seconds after it', async () => {
    const version = await follow();
    row.failure = new Error('away');
    await vi.advanceTimersByTimeAsync(12_000);
    expect(version.recentOutage).toBe(12_000);
    row.failure = null;
    await vi.advanceTimersByTimeAsync(500);
    expect(version.recentOutage).toBe(12_500);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(version.recentOutage).toBe(12_500);
    await vi.advanceTimersByTimeAsync(1);
    expect(version.recentOutage).toBe(0);
  });

  it('no outage is reported while the row is read in time, nor on the embedded database', async () => {
    const version = await follow();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(version.recentOutage).toBe(0);
    version.stop();
    const embedded = await follow('pglite');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(embedded.recentOutage).toBe(0);
  });
});
