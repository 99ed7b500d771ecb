import type { Database, Run } from '../database/database.ts';
import type { EntityManager } from '../database/orm.ts';
import { authScope } from '../database/scopes.ts';
import type { Work } from '../database/unit-of-work.ts';

/** How often the row is read, and how old what was read may be, in milliseconds. */
const POLL_INTERVAL = 500;
const FRESH_FOR = 1_000;

interface Versions {
  readonly version: number;
  readonly rolesVersion: number;
}

/** What a change raises beside the version: roles themselves, or only what somebody holds. */
export interface ChangeOptions {
  readonly roles?: boolean;
}

/**
 * The version of everything that decides who may do what: one row, raised in the transaction of each change, and read
 * by every process twice a second. What was learnt under a version holds as long as the version does.
 */
export interface AccessVersion {
  readonly version: number;
  readonly rolesVersion: number;
  /** Whether the versions were read within the last second. The embedded database has one process: always. */
  readonly isFresh: boolean;
  /** Runs a change of access and raises the version in its transaction; this process knows when it returns. */
  readonly change: <T>(run: (work: Work<T>) => Promise<T>, work: Work<T>, options?: ChangeOptions) => Promise<T>;
  /** Ends the reading. */
  readonly stop: () => void;
}

/**
 * Starts to follow the version.
 *
 * @param onError told when the version cannot be read; the next reading follows all the same
 */
export async function followAccessVersion(
  { engine, run }: Pick<Database, 'engine' | 'run'>,
  onError: (error: unknown) => void,
): Promise<AccessVersion> {
  const isShared = engine === 'postgresql';
  let versions = await readVersions(run);
  let readAt = performance.now();

  const see = (seen: Versions): void => {
    versions = seen.version > versions.version ? seen : versions;
  };
  const poll = async (): Promise<void> => {
    const askedAt = performance.now();
    see(await readVersions(run));
    readAt = askedAt;
  };
  let polling: Promise<void> | null = null;
  const tick = (): void => {
    polling ??= poll()
      .catch(onError)
      .finally(() => {
        polling = null;
      });
  };
  const timer = isShared ? setInterval(tick, POLL_INTERVAL).unref() : null;

  return {
    get version() {
      return versions.version;
    },
    get rolesVersion() {
      return versions.rolesVersion;
    },
    get isFresh() {
      return !isShared || performance.now() - readAt <= FRESH_FOR;
    },
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
