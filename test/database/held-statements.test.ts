import { EventEmitter } from 'node:events';
import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { holdStatements, WITH_NEXT } from '../../src/database/held-statements.ts';

interface Connection {
  readonly query: (...args: unknown[]) => unknown;
}

/** A connection of a pool whose statements are held, and the messages that it sends. */
function connect(): { readonly client: Connection; readonly sent: string[] } {
  const sent: string[] = [];
  const client: Connection = {
    query: async (text: unknown) => {
      const statements = String(text);
      sent.push(statements);
      if (statements.includes('fails')) {
        throw new Error('It has failed');
      }
      const results = statements.split('; ').map((one) => ({ rows: [one] }));
      return results.length === 1 ? results[0] : results;
    },
  };
  const pool = new EventEmitter();
  holdStatements(pool as unknown as Pool);
  pool.emit('connect', client);
  return { client, sent };
}

const SET = `select set_config('role', 'x', true)`;
const EVENT = `insert into audit_events ${WITH_NEXT}`;

describe('the messages of a transaction', () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    [
      'begin and settings go with the first statement',
      ['begin', SET, 'one', 'commit'],
      [`begin; ${SET}; one`, 'commit'],
    ],
    ['an event goes with the commit', ['begin', 'one', EVENT, 'commit'], ['begin; one', `${EVENT}; commit`]],
    ['an event goes with the next statement', ['begin', EVENT, 'one', 'commit'], [`begin; ${EVENT}; one`, 'commit']],
    [
      'a transaction of an event alone is one message',
      ['begin', SET, EVENT, 'commit'],
      [`begin; ${SET}; ${EVENT}; commit`],
    ],
    ['one that does nothing sends nothing', ['begin', SET, 'commit', 'begin', EVENT, 'rollback', 'one'], ['one']],
    ['an event that is taken back is not sent', ['begin', 'one', EVENT, 'rollback'], ['begin; one', 'rollback']],
    ['settings outside of a beginning are sent', ['begin', 'one', SET, 'commit'], ['begin; one', SET, 'commit']],
    [
      'savepoints are statements',
      ['start transaction read only', 'savepoint a', 'commit'],
      ['start transaction read only; savepoint a', 'commit'],
    ],
  ])('%s', async (_title, statements, messages) => {
    const { client, sent } = connect();
    for (const statement of statements) {
      await client.query(statement, []);
    }
    expect(sent).toEqual(messages);
  });

  it('hand over the result of the last statement, and its failure', async () => {
    const { client, sent } = connect();
    await client.query('begin', []);
    expect(await client.query('one', [])).toEqual({ rows: ['one'] });
    await client.query(EVENT, []);
    await expect(client.query('fails', [])).rejects.toThrow('It has failed');
    await client.query('rollback', []);
    expect(sent).toEqual(['begin; one', `${EVENT}; fails`, 'rollback']);
  });

  it('keep their order before a statement that cannot be joined to others', async () => {
    const { client, sent } = connect();
    await client.query('begin', []);
    await client.query(SET, []);
    await client.query('one', ['value']);
    await client.query('commit', []);
    expect(sent).toEqual([`begin; ${SET}`, 'one', 'commit']);
  });
});
