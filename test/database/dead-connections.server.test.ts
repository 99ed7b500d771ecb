import { Pool, type PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { returnDeadConnections } from '../../src/database/orm.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { createServerDatabase, type ServerDatabase } from '../support/database.ts';

let database: ServerDatabase;
let proxy: DatabaseProxy;
let pool: Pool;
beforeAll(async () => {
  database = await createServerDatabase();
  proxy = await startDatabaseProxy(database.url);
});
beforeEach(() => {
  pool = new Pool({ connectionString: proxy.url, max: 1, connectionTimeoutMillis: 1_000 });
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  returnDeadConnections(pool);
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});

/** Takes the only connection, and has it die. */
async function dead(): Promise<PoolClient> {
  const client = await pool.connect();
  const ended = new Promise((resolve) => {
    client.once('end', resolve);
  });
  proxy.reset();
  await ended;
  return client;
}

describe('a connection that dies while it is held', () => {
  it('a connection that dies makes room for the next, though it is never released', async () => {
    await dead();
    const next = await pool.connect();
    expect((await next.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    next.release();
    await pool.end();
  });

  it('a connection that died may be released as well', async () => {
    const client = await dead();
    client.release();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('a connection that dies after its release causes no error', async () => {
    const client = await pool.connect();
    client.release();
    proxy.reset();
    await expect.poll(() => pool.totalCount).toBe(0);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('a connection that dies makes room also after a caller has stopped waiting for it', async () => {
    const client = await pool.connect();
    await expect(pool.connect()).rejects.toThrow('timeout exceeded');
    client.release();
    await dead();
    await expect(pool.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await pool.end();
  });
});
