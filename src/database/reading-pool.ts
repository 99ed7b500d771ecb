import { Pool, type PoolClient, type QueryResult } from 'pg';

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

  /** @param like a pool whose connections are made alike, and hand over values alike */
  constructor({ options }: Pool, size: number) {
    // The password is hidden from copying.
    this.#pool = new Pool({ ...options, password: options.password, max: size });
    // A connection that dies while nobody has it is gone from the pool by then.
    this.#pool.on('error', (_error, client) => this.#lingering.delete(client));
  }

  /** A connection of one's own, until it is given back. */
  async take(): Promise<ReadingConnection> {
    const client = await this.#pool.connect();
    const isLingering = this.#lingering.delete(client);
    return new ReadingConnection(client, isLingering ? 'rollback; ' : '', () => this.#linger(client));
  }

  /** Waits for what runs, then closes all connections. */
  async end(): Promise<void> {
    clearTimeout(this.#sweep ?? undefined);
    await this.#pool.end();
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

/** A connection within one reading transaction. */
export class ReadingConnection {
  readonly #client: PoolClient;
  readonly #giveBack: () => void;
  #ahead: string;

  /** @param ahead is sent in front of the first statement */
  constructor(client: PoolClient, ahead: string, giveBack: () => void) {
    this.#client = client;
    this.#ahead = ahead;
    this.#giveBack = giveBack;
  }

  /** The rows of the last of the statements. They are on their way when this returns: one may send more at once. */
  async query(statements: string): Promise<object[]> {
    const text = this.#ahead + statements;
    this.#ahead = '';
    const result: QueryResult<object> | QueryResult<object>[] = await this.#client.query(text);
    return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
  }

  /** Gives the connection back. The transaction is over, also if a statement failed in it. */
  end(): void {
    this.#giveBack();
  }
}
