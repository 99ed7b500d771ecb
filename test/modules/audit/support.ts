import { inject } from 'vitest';
import { recordEvent, type AuditRecord } from '../../../src/database/events/record.ts';
import { sealBatch } from '../../../src/modules/audit/sealer.ts';
import { createAuditSigner } from '../../../src/modules/audit/seal.ts';
import { type Verdict, verifyTrail, type VerifyOptions } from '../../../src/modules/audit/verify.ts';
import { type Database, openServer } from '../../../src/database/database.ts';
import type { EntityManager } from '../../../src/database/orm.ts';
import { systemScope } from '../../../src/database/scopes.ts';
import { openTestDatabase } from '../../support/database.ts';
import { urlOf } from '../../support/environment.ts';

export const ACTOR = '0198c0de-0000-7000-8000-000000000001';
export const NOW = new Date('2026-01-15T12:00:00.000Z');

/** Signs as the tests' servers do. */
export const signer = createAuditSigner(['only-the-tests-sign-with-this-9f8e7d6c5b4a']);

/** An audit trail to be tampered with. */
export interface Trail {
  readonly database: Database;
  /** Adds events, and seals them together. */
  readonly batch: (events: number, at?: Date) => Promise<void>;
  readonly verify: (options?: Partial<VerifyOptions>) => Promise<Verdict>;
  /** Runs statements past all rights. Returns the damage that a verification finds; then undoes them. */
  readonly damageAfter: (...statements: string[]) => Promise<readonly string[]>;
  /** Runs statements past all rights. */
  readonly tamper: (...statements: string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

class Undo extends Error {}

/** A trail of its own, on the engine of the run. */
export async function openTrail(): Promise<Trail> {
  const database = await openTestDatabase();
  const superuser = await openAsSuperuser(database);
  const asSuperuser = <T>(work: (em: EntityManager) => Promise<T>): Promise<T> =>
    superuser.run(systemScope, async (em) => {
      await em.execute('set local role none');
      return work(em);
    });
  let made = 0;
  return {
    database,
    async batch(events, at = NOW) {
      await database.run(systemScope, async (em) => {
        for (let index = 0; index < events; index++) {
          await recordEvent(em, { actorId: ACTOR, address: '192.0.2.1', now: at }, sampleEvent(made++));
        }
      });
      await database.run(systemScope, (em) => sealBatch(em, signer, at));
    },
    verify: (options = {}) => database.run(systemScope, (em) => verifyTrail(em, { signer, ...options })),
    async damageAfter(...statements) {
      let damage: readonly string[] = [];
      const attempt = asSuperuser(async (em) => {
        for (const statement of statements) {
          await em.execute(statement);
        }
        ({ damage } = await verifyTrail(em, { signer }));
        throw new Undo();
      });
      await attempt.catch((error: unknown) => {
        if (!(error instanceof Undo)) {
          throw error;
        }
      });
      return damage;
    },
    tamper: (...statements) =>
      asSuperuser(async (em) => {
        for (const statement of statements) {
          await em.execute(statement);
        }
      }),
    async close() {
      if (superuser !== database) {
        await superuser.close();
      }
      await database.close();
    },
  };
}

function sampleEvent(index: number): AuditRecord {
  return { action: 'role.assigned', target: { type: 'user', id: `user ${index}` }, details: { role: `ROLE_${index}` } };
}

/** The embedded database's connection is the superuser's already, who has only stepped back. */
async function openAsSuperuser(database: Database): Promise<Database> {
  const { serverUrl } = inject('database');
  if (serverUrl === null) {
    return database;
  }
  const [current] = await database.run(systemScope, (em) =>
    em.execute<{ name: string }[]>('select current_database() as name'),
  );
  const url = urlOf(serverUrl, current?.name ?? '');
  return openServer({ url, adminUrl: null, production: false, poolSize: 2 }, { progress: () => undefined });
}

/** The id of the nth event of a seal, in the order of the ids. */
export const eventId = (seal: number, index: number): string =>
  `(select id from audit_events where seal = ${seal} order by id offset ${index} limit 1)`;
