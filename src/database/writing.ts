import type { Pool, PoolClient, QueryResult } from 'pg';
import type { Orm } from './orm.ts';
import { contextStatements } from './reading.ts';
import { RowsQuery } from './rows-query.ts';
import type { RowScope } from './scopes.ts';
import { traceStatement } from './traced-statement.ts';
import { requireScope, requireText } from './transaction-control.ts';

/** The comment at the end of statements whose result is not used: they are sent in one message with the next statement. */
export const WITH_NEXT = '/* sent with the next statement */';

/** The result of a statement. */
export type Result = Pick<QueryResult<Row>, 'command' | 'rowCount' | 'rows'>;
export type Row = Record<string, unknown>;

/** The result of a statement that is held. */
export const EMPTY: Result = { command: '', rowCount: 0, rows: [] };

/**
 * A transaction on a server, on a connection of the writing pool.
 *
 * Its beginning and its settings travel in one message with its first statement, and a statement that ends in
 * {@link WITH_NEXT} with the one after it. The statement that a held statement is sent with fails with the error of the
 * held one. A transaction in which no statement was sent needs no connection.
 */
export class WritingTransaction {
  readonly #orm: Orm;
  readonly #pool: Pool;
  readonly #context: string;
  #held: string[] = [];
  #client: Promise<PoolClient> | null = null;
  #isOver = false;

  constructor(orm: Orm, pool: Pool, scope: RowScope) {
    this.#orm = orm;
    this.#pool = pool;
    this.#context = contextStatements(scope, true);
  }

  /** @throws {Error} if the transaction has ended */
  requireOpen(): void {
    if (this.#isOver) {
      throw new Error('The transaction has ended: write in "unit.write(async (em) => …)"');
    }
  }

  /**
   * Sends a statement, or holds it.
   *
   * @param values parameters of the protocol: such a statement travels in a message of its own
   */
  async run(text: string, values: readonly unknown[] = []): Promise<Result> {
    this.requireOpen();
    requireText(text);
    requireScope(text);
    if (values.length > 0) {
      return traceStatement(text, () => this.#sendAlone(text, values));
    }
    if (text.endsWith(WITH_NEXT)) {
      this.#held.push(text);
      return traceStatement(text, () => Promise.resolve(EMPTY));
    }
    // What is held belongs to the savepoint, which was sent with all that came before it.
    this.#held = text.startsWith('rollback to ') ? [] : this.#held;
    return traceStatement(text, () => this.#send(text));
  }

  /**
   * Commits.
   *
   * @throws {Error} if the database has rolled the transaction back, since a statement failed in it whose error was caught
   */
  async commit(): Promise<void> {
    if (this.#client === null && this.#held.length === 0) {
      this.#isOver = true;
      return;
    }
    const { command } = await this.run('commit');
    this.#isOver = true;
    void this.#release();
    if (command === 'ROLLBACK') {
      throw new Error('The transaction was rolled back, since a statement has failed in it');
    }
  }

  /** Rolls back. Idempotent; does nothing after a commit. */
  async rollback(): Promise<void> {
    if (this.#isOver) {
      return;
    }
    this.#held = [];
    const isBegun = this.#client !== null;
    const ended = isBegun ? this.run('rollback') : null;
    this.#isOver = true;
    // Where the connection is lost, the transaction is as well.
    const isLost = await ended?.then(
      () => false,
      () => true,
    );
    await this.#release(isLost);
  }

  async #release(isLost = false): Promise<void> {
    const client = await this.#client?.catch(() => null);
    client?.release(isLost);
  }

  /** Sends a message synchronously, before the first `await`, so that its statements cannot change. */
  async #send(text: string): Promise<Result> {
    const message = this.#message(text);
    const client = await this.#connect();
    return new Promise((resolve, reject) => {
      client.query(
        new RowsQuery(message, client, (error, rows, tag) => (error ? reject(error) : resolve(resultOf(rows, tag)))),
      );
    });
  }

  async #sendAlone(text: string, values: readonly unknown[]): Promise<Result> {
    const before = this.#held.length > 0 || this.#client === null ? this.#send('') : null;
    const answer = this.#connect().then((client) => client.query<Row>(text, [...values]));
    await Promise.all([before, answer]);
    return answer;
  }

  /** Returns the statement with all that is held, and with the beginning of the transaction. */
  #message(text: string): string {
    const all = [...this.#held, text];
    this.#held = [];
    if (this.#client !== null) {
      return all.join('; ');
    }
    this.#orm.onStatement?.(this.#context);
    return `begin; ${this.#context}; ${all.join('; ')}`;
  }

  #connect(): Promise<PoolClient> {
    return (this.#client ??= new Promise((resolve, reject) => {
      this.#pool.connect((error, client) =>
        client === undefined ? reject(error ?? new Error('The pool has no connection')) : resolve(client),
      );
    }));
  }
}

/** Reads a command tag: `UPDATE 1`, `INSERT 0 1`, `COMMIT`. */
function resultOf(rows: Row[], tag: string): Result {
  const [command = '', ...counts] = tag.split(' ');
  return { command, rowCount: Number(counts.at(-1) ?? 0), rows };
}
