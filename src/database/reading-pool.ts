import { type Client, Pool, type PoolClient } from 'pg';
import { RowsQuery } from './rows-query.ts';

/** The connections of a pool at this moment. */
export interface PoolFigures {
  /** `reading`, `writing`, or the replica. */
  readonly pool: string;
  readonly total: number;
  readonly idle: number;
  /** The number of callers that wait for a connection. */
  readonly waiting: number;
  readonly limit: number;
}

/** Returns the state of a pool. */
export function poolFigures(name: string, pool: Pool): PoolFigures {
  const { totalCount: total, idleCount: idle, waitingCount: waiting, options } = pool;
  return { pool: name, total, idle, waiting, limit: options.max };
}

/** The milliseconds after which a finished transaction is rolled back, unless another reader has done so before. */
const DEFERRED_ROLLBACK_MS = 2;

/**
 * Connections to a server that run reading transactions only.
 *
 * Under load, ending a transaction costs nothing of its own: the end travels with the beginning of the next one on the
 * same connection. That is why these connections are never lent for anything else: whatever is sent on one begins with
 * a begin, and, if there is a transaction that is over, with its rollback.
 */
export class ReadingPool {
  readonly #pool: Pool;
  /** Released connections whose transaction has not been rolled back yet. */
  readonly #deferred = new Set<PoolClient>();
  readonly #clients = new Set<PoolClient>();
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
    sendFirst(this.#pool, first);
    // A connection that dies while it is idle has left the pool by then.
    this.#pool.on('error', (_error, client) => this.#deferred.delete(client));
    this.#pool.on('connect', (client) => this.#clients.add(client));
    this.#pool.on('remove', (client) => {
      this.#clients.delete(client);
      this.#watch.forget(client);
    });
    this.#watch = new Watch(options.query_timeout);
  }

  /** Returns a connection for the caller, which `end` releases. */
  take(): Promise<ReadingConnection> {
    return new Promise((resolve, reject) => {
      this.#pool.connect((error, client) => {
        if (client === undefined) {
          reject(error ?? new Error('The pool has no connection'));
          return;
        }
        const ahead = this.#deferred.delete(client) ? 'rollback; ' : '';
        resolve(new ReadingConnection(client, this.#watch, ahead, () => this.#deferRollback(client)));
      });
    });
  }

  /** Returns the connections at this moment, under a name. */
  figuresAs(name: string): PoolFigures {
    return poolFigures(name, this.#pool);
  }

  /** Closes all connections at once: statements in progress fail. */
  abort(): void {
    this.#clients.forEach(end);
  }

  /** Waits for running transactions, then closes all connections. */
  async end(): Promise<void> {
    clearTimeout(this.#sweep ?? undefined);
    await this.#pool.end();
    this.#watch.end();
  }

  #deferRollback(client: PoolClient): void {
    this.#deferred.add(client);
    client.release();
    this.#sweep ??= setTimeout(() => this.#rollBack(), DEFERRED_ROLLBACK_MS).unref();
  }

  #rollBack(): void {
    this.#sweep = null;
    for (const client of this.#deferred) {
      // If this fails the connection is gone, and the transaction with it: the pool takes note by itself.
      client.query('rollback').catch(() => undefined);
    }
    this.#deferred.clear();
  }
}

/** Sends a statement on each new connection before anything else. The connection ends if it fails. Null: none is sent. */
export function sendFirst(pool: Pool, statement: string | null): void {
  if (statement !== null) {
    pool.on('connect', (client) => client.query(statement, (error: Error | null) => void (error && end(client))));
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

  /** Returns the rows of the last statement. All have been sent when this returns: the caller may send more at once. */
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

  /** Releases the connection. The transaction has ended, even if a statement failed in it. */
  end(): void {
    this.#giveBack();
  }
}

/** Ends connections on which an answer is overdue, and with them whatever waits for it. */
class Watch {
  readonly #timeout: number;
  readonly #waits = new Map<PoolClient, Wait>();
  readonly #timer: NodeJS.Timeout | null;

  /** @param timeout in milliseconds; without one, statements wait without a limit */
  constructor(timeout = Number.POSITIVE_INFINITY) {
    this.#timeout = timeout;
    this.#timer = Number.isFinite(timeout) ? setInterval(() => this.#look(), timeout / 10).unref() : null;
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
    const latest = performance.now() - this.#timeout;
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
