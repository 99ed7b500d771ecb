import { Client, Pool } from 'pg';
import { LOGIN_FACTS, type LoginFacts, reasonsAgainst } from './least-privilege.ts';
import { ReadingPool } from './reading-pool.ts';
import { parsePosition, type Replica, type ReplicaState } from './replicas.ts';

/** The settings of a replica's connections. */
export interface ReplicaOptions {
  readonly url: string;
  /** The pool of the primary, whose connections these are like. */
  readonly like: Pool;
  readonly poolSize: number;
  /** Sent first on each connection; null for nothing. */
  readonly first: string | null;
  /** Requires a login without a way around row-level security. */
  readonly leastPrivilege: boolean;
  /** The cluster that it has to be a copy of; null where that cannot be read. */
  readonly cluster: () => Promise<string | null>;
}

/** SQL for the identity of a cluster and of a database in it: a standby has that of its primary. */
export const IDENTITY = `select (select system_identifier from pg_control_system()) || '/' || oid as answer
  from pg_database where datname = current_database()`;

const STATE = `select pg_is_in_recovery() as standby, coalesce(pg_last_wal_replay_lsn(), '0/0')::text as replayed`;

/** Milliseconds for a connection, and for an answer, of the connection that checks a replica. */
const TIMEOUT = 1_000;

/** Returns the replica at this address. It connects at the first check. */
export function connectReplica(options: ReplicaOptions): Replica {
  return new ServerReplica(options);
}

class ServerReplica implements Replica {
  readonly name: string;
  readonly pool: ReadingPool;
  readonly #options: ReplicaOptions;
  #client: Client | null = null;

  constructor(options: ReplicaOptions) {
    const { hostname, port, pathname } = new URL(options.url);
    this.name = `${hostname}:${port === '' ? '5432' : port}${pathname}`;
    this.#options = options;
    const like = new Pool({ ...options.like.options, connectionString: options.url });
    this.pool = new ReadingPool(like, options.poolSize, options.first);
  }

  async look(): Promise<ReplicaState> {
    const client = this.#client ?? (await this.#connect());
    const { rows } = await client.query<{ standby: boolean; replayed: string }>(STATE);
    const [row] = rows;
    return {
      isStandby: row?.standby === true,
      replayed: parsePosition(row?.replayed ?? '') ?? 0n,
    };
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: TIMEOUT,
      query_timeout: TIMEOUT,
      keepAlive: true,
    });
    client.on('error', () => this.disconnect());
    this.#client = client;
    await client.connect();
    if (this.#options.leastPrivilege) {
      const { rows } = await client.query<LoginFacts>(LOGIN_FACTS);
      const [reason] = rows.flatMap(reasonsAgainst);
      if (reason !== undefined) {
        throw new Error(`its login ${reason}`);
      }
    }
    const expected = await this.#options.cluster();
    const { rows } = await client.query<{ answer: string }>(IDENTITY);
    if (expected !== null && rows[0]?.answer !== expected) {
      throw new Error('it is not a copy of the database of DATABASE_URL');
    }
    return client;
  }

  disconnect(): void {
    const client = this.#client;
    this.#client = null;
    client?.connection.stream.destroy();
    this.pool.abort();
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await Promise.all([client?.end(), this.pool.end()]);
  }
}
