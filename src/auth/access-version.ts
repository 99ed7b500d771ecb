import type { Database, Run } from '../database/database.ts';
import type { EntityManager } from '../database/orm.ts';
import { authScope } from '../database/scopes.ts';
import type { Work } from '../database/unit-of-work.ts';
import { SingleFlight } from '../lib/single-flight.ts';

/** The interval in which the row is read, and the age up to which a reading is fresh, in milliseconds. */
const POLL_INTERVAL = 500;
const FRESH_FOR = 1_000;
/** The time for which an outage is recent once it has ended, in milliseconds. */
const RECENT = 10_000;

interface Versions {
  readonly version: number;
  readonly rolesVersion: number;
}

/** Options of a change: `roles` if it changes roles themselves, and not only assignments. */
export interface ChangeOptions {
  readonly roles?: boolean;
}

/**
 * The version of all stored data that decides about access: one row, incremented in the transaction of each change, and
 * read by every process twice a second. Values that were loaded under a version are valid while it stays the same.
 *
 * The numbers here count the changes that this process has seen. They differ from the row's, which may repeat after a
 * restore, or after a failover to a replica that was behind.
 */
export interface AccessVersion {
  readonly version: number;
  readonly rolesVersion: number;
  /** True if the row was read within the last second; always for the embedded database, which has one process. */
  readonly isFresh: boolean;
  /**
   * The milliseconds for which the row could not be read, if that has not ended, or ended within the last ten seconds; 0
   * otherwise, and always for the embedded database.
   */
  readonly recentOutage: number;
  /** Reads the row now. Concurrent calls share one query. */
  readonly refresh: () => Promise<void>;
  /** Runs a change of access and raises the version in its transaction. On return, this process has seen the new version. */
  readonly change: <T>(run: (work: Work<T>) => Promise<T>, work: Work<T>, options?: ChangeOptions) => Promise<T>;
  /** Stops the polling. */
  readonly stop: () => void;
}

/**
 * Starts to poll the version.
 *
 * @param onError called if the version cannot be read; polling continues
 */
export async function followAccessVersion(
  { engine, run }: Pick<Database, 'engine' | 'run'>,
  onError: (error: unknown) => void,
): Promise<AccessVersion> {
  const isShared = engine === 'postgresql';
  let readAt = performance.now();
  let outage = { length: 0, endedAt: -RECENT };
  let row = await readVersions(run);
  let version = 0;
  let rolesVersion = 0;

  const see = (seen: Versions): void => {
    version += seen.version === row.version ? 0 : 1;
    rolesVersion += seen.rolesVersion === row.rolesVersion ? 0 : 1;
    row = seen;
  };
  const read = async (): Promise<void> => {
    const askedAt = performance.now();
    see(await readVersions(run));
    if (askedAt - readAt > FRESH_FOR) {
      outage = { length: askedAt - readAt, endedAt: performance.now() };
    }
    readAt = askedAt;
  };
  const reads = new SingleFlight(read);
  const refresh = (): Promise<void> => reads.run();
  const timer = isShared ? setInterval(() => void refresh().catch(onError), POLL_INTERVAL).unref() : null;

  return {
    get version() {
      return version;
    },
    get rolesVersion() {
      return rolesVersion;
    },
    get isFresh() {
      return !isShared || performance.now() - readAt <= FRESH_FOR;
    },
    get recentOutage() {
      const now = performance.now();
      if (isShared && now - readAt > FRESH_FOR) {
        return now - readAt;
      }
      return now - outage.endedAt <= RECENT ? outage.length : 0;
    },
    refresh,
    async change(runWork, work, { roles = false } = {}) {
      const raised: Versions[] = [];
      const result = await runWork(async (em) => {
        const done = await work(em);
        raised.push(await raise(em, roles));
        return done;
      });
      raised.forEach(see);
      return result;
    },
    stop: () => clearInterval(timer ?? undefined),
  };
}

const COLUMNS = 'version::float8 as "version", roles_version::float8 as "rolesVersion"';

async function readVersions(run: Run): Promise<Versions> {
  return run(authScope, async (em) => only(await em.execute<Versions[]>(`select ${COLUMNS} from access_version`)));
}

async function raise(em: EntityManager, roles: boolean): Promise<Versions> {
  const set = `version = version + 1${roles ? ', roles_version = roles_version + 1' : ''}`;
  return only(await em.execute<Versions[]>(`update access_version set ${set} returning ${COLUMNS}`));
}

function only(rows: readonly Versions[]): Versions {
  const [row] = rows;
  if (row === undefined) {
    throw new Error('The table access_version has lost its row');
  }
  return row;
}
