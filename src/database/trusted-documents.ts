import { createHash } from 'node:crypto';
import { SingleFlight } from '../lib/single-flight.ts';
import type { Run } from './database.ts';
import { type AuditRecord, recordEvents } from './events/record.ts';
import type { EntityManager } from './orm.ts';
import { systemScope } from './scopes.ts';

/** A document that an operator has published. */
export interface TrustedDocument {
  /** The SHA-256 of the text, as 64 hexadecimal digits. */
  readonly hash: string;
  readonly text: string;
  /** The seconds for which shared caches may keep an answer in which every field is public; null: none. */
  readonly maxAge: number | null;
}

/** Returns the hash under which a document is published. */
export function hashOfDocument(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const COLUMNS = 'hash, text, max_age as "maxAge"';

/** Returns all published documents, ordered by hash. */
export function readTrustedDocuments(em: EntityManager): Promise<TrustedDocument[]> {
  return em.execute<TrustedDocument[]>(`select ${COLUMNS} from trusted_documents order by hash`);
}

/** Returns a digest of all published documents, which differs when one is added, changed or removed. */
async function readDigest(em: EntityManager): Promise<string | null> {
  const members = `string_agg(hash || coalesce(max_age::text, ''), ',' order by hash)`;
  const [row] = await em.execute<{ digest: string | null }[]>(
    `select md5(${members}) as digest from trusted_documents`,
  );
  return row?.digest ?? null;
}

/** Publishes documents. One that is there already gets the new maximum age. Returns the hashes of the new ones. */
export async function publishDocuments(
  em: EntityManager,
  documents: readonly TrustedDocument[],
  now: Date,
): Promise<string[]> {
  const changes: { readonly document: TrustedDocument; readonly isNew: boolean }[] = [];
  for (const document of documents) {
    const { hash, text, maxAge } = document;
    const rows = await em.execute<{ isNew: boolean }[]>(
      `insert into trusted_documents as t (hash, text, max_age, published_at) values (?, ?, ?, ?)
       on conflict (hash) do update set max_age = excluded.max_age where t.max_age is distinct from excluded.max_age
       returning xmax = 0 as "isNew"`,
      [hash, text, maxAge, now],
    );
    changes.push(...rows.map(({ isNew }) => ({ document, isNew })));
  }
  const events = changes.map(({ document: { hash, maxAge }, isNew }): AuditRecord => {
    const action = isNew ? 'trustedDocument.published' : 'trustedDocument.changed';
    return { action, target: { type: 'trustedDocument', id: hash }, details: { by: 'operator', maxAge } };
  });
  await recordByOperator(em, events, now);
  return changes.filter(({ isNew }) => isNew).map(({ document }) => document.hash);
}

/** Removes documents by their hashes. Returns the hashes that were there. */
export async function removeDocuments(em: EntityManager, hashes: readonly string[], now: Date): Promise<string[]> {
  const removed: string[] = [];
  for (const hash of hashes) {
    const rows = await em.execute<{ hash: string }[]>('delete from trusted_documents where hash = ? returning hash', [
      hash,
    ]);
    removed.push(...rows.map((row) => row.hash));
  }
  const events = removed.map((hash): AuditRecord => {
    return {
      action: 'trustedDocument.removed',
      target: { type: 'trustedDocument', id: hash },
      details: { by: 'operator' },
    };
  });
  await recordByOperator(em, events, now);
  return removed;
}

/** Records what a command of the operator has done: no user and no address. */
async function recordByOperator(em: EntityManager, events: readonly AuditRecord[], now: Date): Promise<void> {
  const by = { actorId: null, address: null, now };
  await recordEvents(
    em,
    events.map((event) => ({ by, event })),
  );
}

/** The interval in which the published documents are compared, and the least time between two comparisons. */
const POLL_INTERVAL = 5_000;
const LEAST_INTERVAL = 1_000;

/** All published documents, in memory: an unknown hash costs no query, however many are sent. */
export interface TrustedDocumentCache {
  /** Returns the document with this hash. A hash that is unknown is looked for again, at most once a second. */
  readonly get: (hash: string) => Promise<TrustedDocument | undefined>;
  /** Reads what has been published and removed since. */
  readonly refresh: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Reads the published documents, and follows changes. While the database is unavailable the last state stays valid.
 *
 * @param onError called if the documents cannot be read; they are read again later
 */
export async function followTrustedDocuments(
  run: Run,
  onError: (error: unknown) => void,
): Promise<TrustedDocumentCache> {
  let known = new Map<string, TrustedDocument>();
  let digest: string | null = null;
  let readAt = 0;
  const read = async (): Promise<void> => {
    readAt = performance.now();
    await run(systemScope, async (em) => {
      const current = await readDigest(em);
      if (current !== digest) {
        known = new Map((await readTrustedDocuments(em)).map((document) => [document.hash, document]));
        digest = current;
      }
    });
  };
  const reads = new SingleFlight(read);
  const refresh = (): Promise<void> => reads.run();
  await refresh();
  const timer = setInterval(() => void refresh().catch(onError), POLL_INTERVAL).unref();
  return {
    refresh,
    async get(hash) {
      if (!known.has(hash) && (reads.running !== null || performance.now() - readAt > LEAST_INTERVAL)) {
        await refresh().catch(onError);
      }
      return known.get(hash);
    },
    stop: () => clearInterval(timer),
  };
}
