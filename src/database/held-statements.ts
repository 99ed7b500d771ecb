import type { Pool } from 'pg';

/** A comment that ends statements whose result is not used: they are sent in one message with the next statement. */
export const WITH_NEXT = '/* sent with the next statement */';

/** The beginning of a transaction: the ORM waits for each of these statements, though no result is used. */
const BEGIN = /^(?:begin$|start transaction\b)/;
const SETTINGS = 'select set_config(';

/** A result without rows, as the driver has it. */
const EMPTY = { command: '', rowCount: 0, oid: 0, fields: [], rows: [] };

type Query = (...args: unknown[]) => unknown;

/**
 * Sends the statements that begin a transaction in one message with the first statement of the transaction, and those
 * marked by {@link WITH_NEXT} with the one after them: a mutation waits for its database two or three times instead of six. What a
 * held statement fails with, the statement fails with that it is sent with, and the transaction with it.
 */
export function holdStatements(pool: Pool): void {
  pool.on('connect', (client) => {
    Object.assign(client, { query: holding(client.query.bind(client) as Query) });
  });
}

/** Returns the function that sends a connection's statements. */
function holding(query: Query): Query {
  let held: string[] = [];
  /** True while the beginning of the transaction is held. */
  let isBeginning = false;

  function send(text: string): unknown {
    const all = [...held, text];
    [held, isBeginning] = [[], false];
    return all.length === 1 ? query(text, []) : lastOf(query(all.join('; '), []));
  }

  return (...args) => {
    const [text, values] = args;
    if (typeof text !== 'string' || args.length > 2 || (Array.isArray(values) && values.length > 0)) {
      // It cannot be joined to others. The driver sends it without waiting for what is held.
      const before = held.pop();
      void (before === undefined ? null : Promise.resolve(send(before)).catch(() => undefined));
      return query(...args);
    }
    if (BEGIN.test(text) || (isBeginning && text.startsWith(SETTINGS)) || text.endsWith(WITH_NEXT)) {
      isBeginning ||= BEGIN.test(text);
      held.push(text);
      return Promise.resolve(EMPTY);
    }
    const isUnused = isBeginning && (text === 'rollback' || (text === 'commit' && !held.some(isOfUse)));
    held = text === 'rollback' ? [] : held;
    if (isUnused) {
      [held, isBeginning] = [[], false];
      return Promise.resolve(EMPTY);
    }
    return send(text);
  };
}

function isOfUse(statement: string): boolean {
  return statement.endsWith(WITH_NEXT);
}

/** Returns the result of the last of several statements. */
async function lastOf(results: unknown): Promise<unknown> {
  const all = await results;
  return Array.isArray(all) ? all.at(-1) : all;
}
