import type { Pool, Submittable } from 'pg';
import { describe, expect, it } from 'vitest';
import type { Orm } from '../../src/database/orm.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { WITH_NEXT, WritingTransaction } from '../../src/database/writing.ts';

/** A transaction on a connection that answers by itself, and the messages that it sends. */
function begin(): { readonly transaction: WritingTransaction; readonly sent: string[]; readonly released: boolean[] } {
  const sent: string[] = [];
  const released: boolean[] = [];
  const isAborted = (): boolean => sent.some((text) => text.includes('fails'));
  const query = (query: Submittable & Handlers): void => {
    query.submit({
      query: (text: string) => sent.push(text.replace(/^begin; set local .*?_timeout = '\d+'/, BEGIN)),
    } as never);
    const [last = ''] = (sent.at(-1) ?? '').split('; ').slice(-1);
    if (sent.at(-1)?.includes('fails') === true) {
      query.handleError(new Error('It has failed'));
      return;
    }
    query.handleRowDescription({ fields: [{ name: 'statement', dataTypeID: 25 }] });
    query.handleDataRow({ fields: [last] });
    query.handleCommandComplete({ text: last === 'commit' ? (isAborted() ? 'ROLLBACK' : 'COMMIT') : 'SELECT 1' });
    query.handleReadyForQuery();
  };
  const client = { query, getTypeParser: () => String, release: (isLost: boolean) => released.push(isLost) };
  const pool = { connect: (done: (error: null, found: typeof client) => void) => setImmediate(done, null, client) };
  const transaction = new WritingTransaction({} as Orm, pool as unknown as Pool, systemScope);
  return { transaction, sent, released };
}

/** The calls by which the driver hands over an answer. */
interface Handlers {
  handleRowDescription(message: { fields: { name: string; dataTypeID: number }[] }): void;
  handleDataRow(message: { fields: string[] }): void;
  handleCommandComplete(message: { text: string }): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
}

const BEGIN = 'begin; settings';
const EVENT = `insert into audit_events ${WITH_NEXT}`;

/** Runs statements one after the other; `commit` and `rollback` end the transaction. */
async function runAll(transaction: WritingTransaction, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    if (statement === 'commit' || statement === 'rollback') {
      await transaction[statement]();
    } else {
      await transaction.run(statement);
    }
  }
}

describe('the messages of a transaction', () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['begin and settings go with the first statement', ['one', 'two', 'commit'], [`${BEGIN}; one`, 'two', 'commit']],
    ['an event goes with the commit', ['one', EVENT, 'commit'], [`${BEGIN}; one`, `${EVENT}; commit`]],
    ['an event goes with the next statement', [EVENT, 'one', 'commit'], [`${BEGIN}; ${EVENT}; one`, 'commit']],
    ['a transaction of an event alone is one message', [EVENT, 'commit'], [`${BEGIN}; ${EVENT}; commit`]],
    ['one that does nothing sends nothing', ['commit'], []],
    ['nor does one that takes back an event', [EVENT, 'rollback'], []],
    ['an event that is taken back is not sent', ['one', EVENT, 'rollback'], [`${BEGIN}; one`, 'rollback']],
    [
      'nor is one that is taken back with its savepoint',
      ['savepoint "a"', EVENT, 'rollback to "a"', 'commit'],
      [`${BEGIN}; savepoint "a"`, 'rollback to "a"', 'commit'],
    ],
    [
      'an event goes with the end of its savepoint',
      ['savepoint "a"', EVENT, 'release "a"', 'commit'],
      [`${BEGIN}; savepoint "a"`, `${EVENT}; release "a"`, 'commit'],
    ],
  ])('the messages of a transaction are combined: %s', async (_title, statements, messages) => {
    const { transaction, sent, released } = begin();
    await runAll(transaction, statements);
    expect(sent).toEqual(messages);
    await new Promise(setImmediate);
    expect(released).toEqual(sent.length === 0 ? [] : [false]);
  });

  it('statements that are sent at once keep their order', async () => {
    const { transaction, sent } = begin();
    await Promise.all([transaction.run('one'), transaction.run(EVENT), transaction.run('two'), transaction.run(EVENT)]);
    await transaction.commit();
    expect(sent).toEqual([`${BEGIN}; one`, `${EVENT}; two`, `${EVENT}; commit`]);
  });

  it('the result of the last statement is returned, and its failure', async () => {
    const { transaction, sent } = begin();
    expect(await transaction.run('one')).toEqual({ command: 'SELECT', rowCount: 1, rows: [{ statement: 'one' }] });
    await transaction.run(EVENT);
    await expect(transaction.run('fails')).rejects.toThrow('It has failed');
    await transaction.rollback();
    expect(sent).toEqual([`${BEGIN}; one`, `${EVENT}; fails`, 'rollback']);
  });

  it('no message is sent once the transaction has ended', async () => {
    const { transaction, sent } = begin();
    await runAll(transaction, ['one', 'commit', 'rollback']);
    await expect(transaction.run('two')).rejects.toThrow('has ended');
    expect(sent).toEqual([`${BEGIN}; one`, 'commit']);
  });
});

it('a commit fails when the error of a statement was caught, since the transaction was rolled back', async () => {
  const { transaction } = begin();
  await transaction.run('fails').catch(() => null);
  await expect(transaction.commit()).rejects.toThrow('was rolled back');
});
