import { type Client, Pool, type PoolClient } from 'pg';
import { RowsQuery } from './rows-query.ts';

/** The connections of a pool at this moment. */
export interface PoolFigures {
  readonly pool: 'reading' | 'writing';
  readonly total: number;
  readonly idle: number;
  /** The number of callers that wait for a connection. */
  readonly waiting: number;
  readonly limit: number;
}

/** Returns the state of a pool. */
export function poolFigures(name: PoolFigures['pool'], pool: Pool): PoolFigures {
  const { totalCount: total, idleCount: idle, waitingCount: waiting, options } = pool;
  return { pool: name, total, idle, waiting, limit: options.max };
}

/** After so many milliseconds without another reader a transaction that is over is rolled back. */
const LINGERING_MS = 2;

/**
 * Connections to a server on which nothing happens but reading transactions.
 *
 * Under load, ending a transaction costs nothing of its own: the end travels with the beginning of the next one on the
 * same connection. That is why these connections are never lent for anything else: whatever is sent on one begins with
 * a begin, and, if there is a transaction that is over, with its rollback.
 */
export class ReadingPool {
  readonly #pool: Pool;
  /** Connections given back whose transaction has not been rolled back yet. */
  readonly #lingering = new Set<PoolClient>();
  #sweep: NodeJS.Timeout | null = null;
  readonly #watch: Watch;

  /**
   * @param like a pool whose connections are made alike, are waited for as long, and hand over values alike
   * @param first is sent on each new connection before anything else, which ends with it if it fails; null for none
   */
  constructor({ options }: Pool, size: number, first: string | null) {
    // The password is hidden from copying.
    this.#pool = new Pool({ ...options, password: options.password, query_timeout: undefined, max: size });
    // A statement that waits on a dying connection fails by itself; an error without a listener would end the process.
    this.#pool.on('connect', (client) => void client.on('error', () => undefined));
    if (first !== null) {
      this.#pool.on('connect', (client) => client.query(first, (error: Error | null) => void (error && end(client))));
    }
    // A connection that dies while it is idle has left the pool by then.
    this.#pool.on('error', (_error, client) => this.#lingering.delete(client));
    this.#pool.on('remove', (client) => this.#watch.forget(client));
    this.#watch = new Watch(options.query_timeout);
  }

  /** A connection of one's own, until it is given back. */
  take(): Promise<ReadingConnection> {
    return new Promise((resolve, reject) => {
      this.#pool.connect((error, client) => {
        if (client === undefined) {
          reject(error ?? new Error('The pool has no connection'));
          return;
        }
        const ahead = this.#lingering.delete(client) ? 'rollback; ' : '';
        resolve(new ReadingConnection(client, this.#watch, ahead, () => this.#linger(client)));
      });
    });
  }

  /** The connections at this moment. */
  get figures(): PoolFigures {
    return poolFigures('reading', this.#pool);
  }

  /** Waits for what runs, then closes all connections. */
  async end(): Promise<void> {
    clearTimeout(this.#sweep ?? undefined);
    await this.#pool.end();
    this.#watch.end();
  }

  #linger(client: PoolClient): void {
    this.#lingering.add(client);
    client.release();
    this.#sweep ??= setTimeout(() => this.#rollBack(), LINGERING_MS).unref();
  }

  #rollBack(): void {
    this.#sweep = null;
    for (const client of this.#lingering) {
      // If this fails the connection is gone, and the transaction with it: the pool takes note by itself.
      client.query('rollback').catch(() => undefined);
    }
    this.#lingering.clear();
  }
}

/** Ends a connection, and with it whatever waits for it. */
function end(client: PoolClient): void {
  // The types hide the connection of a client that comes from a pool.
  (client as unknown as Client).connection.stream.destroy();
}

/** A connection within one reading transaction. */
export class ReadingConnection {
  readonly #client: PoolClient;
  readonly #watch: Watch;
  readonly #giveBack: () => void;
  #ahead: string;

  /** @param ahead is sent in front of the first statement */
  constructor(client: PoolClient, watch: Watch, ahead: string, giveBack: () => void) {
    this.#client = client;
    this.#watch = watch;
    this.#ahead = ahead;
    this.#giveBack = giveBack;
  }

  /** The rows of the last of the statements. They are on their way when this returns: one may send more at once. */
  query(statements: string): Promise<object[]> {
    const text = this.#ahead + statements;
    this.#ahead = '';
    this.#watch.begin(this.#client);
    // The driver's promises, and its timers, keep the rows of a query until the next full garbage collection.
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, rows: object[]): void => {
        this.#watch.finish(this.#client);
        if (error === null) {
          resolve(rows);
        } else {
          reject(error);
        }
      };
      this.#client.query(new RowsQuery(text, this.#client, done));
    });
  }

  /** Gives the connection back. The transaction is over, also if a statement failed in it. */
  end(): void {
    this.#giveBack();
  }
}

/** Ends connections on which an answer is overdue, and with them whatever waits for it. */
class Watch {
  readonly #patience: number;
  readonly #waits = new Map<PoolClient, Wait>();
  readonly #timer: NodeJS.Timeout | null;

  /** @param patience in milliseconds; without it all of them wait for ever */
  constructor(patience = Number.POSITIVE_INFINITY) {
    this.#patience = patience;
    this.#timer = Number.isFinite(patience) ? setInterval(() => this.#look(), patience / 10).unref() : null;
  }

  begin(client: PoolClient): void {
    const wait = this.#waits.get(client) ?? { statements: 0, since: 0 };
    this.#waits.set(client, wait);
    wait.statements += 1;
    wait.since = performance.now();
  }

  finish(client: PoolClient): void {
    const wait = this.#waits.get(client);
    if (wait !== undefined) {
      wait.statements -= 1;
      wait.since = performance.now();
    }
  }

  forget(client: PoolClient): void {
    this.#waits.delete(client);
  }

  end(): void {
    clearInterval(this.#timer ?? undefined);
  }

  #look(): void {
    const latest = performance.now() - this.#patience;
    for (const [client, { statements, since }] of this.#waits) {
      if (statements > 0 && since < latest) {
        end(client);
      }
    }
  }
}

/** The statements that wait on a connection, and the time since the last was sent or the previous one was answered. */
interface Wait {
  statements: number;
  since: number;
}
