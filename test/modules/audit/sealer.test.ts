import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordEvent } from '../../../src/database/events/record.ts';
import { sealBatch, startSealer } from '../../../src/modules/audit/sealer.ts';
import type { EntityManager } from '../../../src/database/orm.ts';
import { authScope, systemScope } from '../../../src/database/scopes.ts';
import type { Run } from '../../../src/database/database.ts';
import { NOW, openTrail, signer, type Trail } from './support.ts';

let trail: Trail;
const logged: string[] = [];
beforeEach(async () => {
  trail = await openTrail();
  logged.length = 0;
});
afterEach(() => trail.close());

const log = {
  info: () => undefined,
  warn: (_details: object, message: string) => void logged.push(message),
};

function sealer(run: Run = trail.database.run, sealInterval = 10) {
  return startSealer({ database: { run }, signer, now: () => NOW, log, sealInterval });
}

const record = (em: EntityManager): Promise<void> =>
  recordEvent(em, { actorId: null, address: null, now: NOW }, { action: 'role.created' });

/** The embedded database has no two transactions at a time. */
const hasOneConnection = (): boolean => trail.database.engine === 'pglite';

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await isDone())) {
    if (performance.now() > deadline) {
      throw new Error('It did not happen within five seconds');
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it('the sealer seals new events by itself', async () => {
  const running = sealer();
  await trail.database.run(authScope, record);
  await until(async () => (await trail.verify()).events === 1);
  await running.stop();
  expect(await trail.verify()).toMatchObject({ damage: [], seals: 1, unsealed: { count: 0 } });
});

it('the sealer creates no empty seal', async () => {
  const running = sealer();
  await running.seal();
  await running.stop();
  expect(await trail.verify()).toMatchObject({ damage: [], seals: 0, head: { number: 0 } });
});

it('the sealer seals the remaining events when it is stopped, and none after that', async () => {
  const running = sealer(trail.database.run, 3_600_000);
  await trail.database.run(authScope, record);
  await running.stop();
  await trail.database.run(authScope, record);
  expect(await trail.verify()).toMatchObject({ damage: [], events: 1, unsealed: { count: 1, oldest: NOW } });
});

it('the sealer divides many events into several seals', async () => {
  await trail.database.run(authScope, async (em) => {
    for (let count = 0; count < 1_001; count++) {
      await record(em);
    }
  });
  const running = sealer();
  await running.seal();
  await running.stop();
  expect(await trail.verify()).toMatchObject({ damage: [], seals: 2, events: 1_001 });
});

it('several sealers make one chain, while transactions commit and roll back', async () => {
  const sealers = [sealer(), sealer(), sealer(), sealer()];
  const failures: unknown[] = [];
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let count = 0; count < 25; count++) {
      const work = trail.database.run(authScope, async (em) => {
        await record(em);
        if (count % 5 === writer % 5) {
          throw new RangeError('taken back');
        }
      });
      await work.catch((error: unknown) => failures.push(error));
    }
  });
  await Promise.all(writers);
  await Promise.all(sealers.map((each) => each.stop()));
  expect(await trail.verify()).toMatchObject({ damage: [], events: 160, unsealed: { count: 0 } });
  expect(failures).toEqual(Array.from({ length: 40 }, () => new RangeError('taken back')));
  expect(logged).toEqual([]);
});

it('an event that is committed late is sealed later', async () => {
  if (hasOneConnection()) {
    return;
  }
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const late = trail.database.run(authScope, async (em) => {
    await record(em);
    begun.resolve();
    await released.promise;
  });
  await begun.promise;
  await trail.batch(3);
  released.resolve();
  await late;
  await trail.batch(1);
  expect(await trail.verify()).toMatchObject({ damage: [], seals: 2, events: 5, unsealed: { count: 0 } });
});

it('a sealer does nothing while another holds the lock', async () => {
  if (hasOneConnection()) {
    return;
  }
  await trail.database.run(authScope, record);
  await trail.database.run(systemScope, async (em) => {
    await sealBatch(em, signer, NOW);
    expect(await trail.database.run(systemScope, (other) => sealBatch(other, signer, NOW))).toBeNull();
  });
  expect(await trail.verify()).toMatchObject({ damage: [], seals: 1 });
});

it('a sealer logs a failing database once, and continues', async () => {
  let isDown = true;
  const running = sealer((scope, work) =>
    isDown ? Promise.reject(new Error('connection refused')) : trail.database.run(scope, work),
  );
  await trail.database.run(authScope, record);
  await until(async () => logged.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  isDown = false;
  await until(async () => (await trail.verify()).events === 1);
  await running.stop();
  expect(logged).toEqual(['audit events cannot be sealed now; the sealer tries again']);
});

it('an event that the server would never write does not stop the sealer', async () => {
  await trail.tamper(
    String.raw`insert into audit_events (id, at, action, details) values
      ('ffffffff-ffff-ffff-ffff-ffffffffffff', '9999-12-31', 'x', '"text"'),
      ('00000000-0000-0000-0000-000000000000', '0044-03-15 BC', e'line\nbreak', '[1e999, "\u2028"]')`,
  );
  await trail.batch(1);
  expect(await trail.verify()).toMatchObject({ damage: [], events: 3, unsealed: { count: 0 } });
});
