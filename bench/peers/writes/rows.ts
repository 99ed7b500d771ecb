import { escapeLiteral, Pool, type PoolClient, type QueryResult } from 'pg';
import { v7 as orderedUuid } from 'uuid';
import { foldName } from '../../../src/lib/names.ts';
import { hints } from './hints.ts';

/** A row as the mutation answers with it. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly updatedAt: Date;
  readonly version: number;
}

export interface Item {
  readonly name: string;
  readonly data: unknown;
  readonly updatedAt: Date;
  readonly version: number;
}

/** The same number of connections as Rolegate has for writing, configured as its own are. */
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, pipeline: true });
const isNotifying = process.env['NOTIFY'] === 'in the transaction';
const announce = process.env['NOTIFY'] === 'after the commit' ? hints(pool) : () => undefined;

const literal = (value: string | null): string => (value === null ? 'null' : escapeLiteral(value));

function settings(viewerId: string): string {
  const role = 'rolegate_viewer_all_write_all_write_docs_audit_roles';
  return `select set_config('role', '${role}', true), set_config('rolegate.viewer_id', ${literal(viewerId)}, true),
    set_config('rolegate.account_id', '', true), set_config('rolegate.stock', 'select insert update delete', true),
    set_config('statement_timeout', '8000', true)`;
}

/** The row of the audit trail, as Rolegate adds it. */
function audit(viewerId: string, action: string, target: readonly [string, string], details: object): string {
  const [targetType, targetId] = target;
  const event = {
    id: orderedUuid(),
    at: new Date(),
    actor_id: viewerId,
    action,
    target_type: targetType,
    target_id: targetId,
    address: '127.0.0.1',
    details,
    count: 1,
  };
  const names = 'id, at, actor_id, action, target_type, target_id, address, details, count';
  const add = `insert into audit_events (${names}) select ${names} from`;
  const events = `jsonb_to_recordset(${literal(JSON.stringify([event]))}::jsonb) as event (id uuid, at timestamptz,
    actor_id uuid, action text, target_type text, target_id text, address text, details jsonb, count int)`;
  return isNotifying
    ? `with event as materialized (select * from ${events}), added as (${add} event)
       select pg_notify('rolegate_events', jsonb_build_object('id', id, 'action', action, 'target', target_id)::text) from event`
    : `${add} ${events}`;
}

/** Sends the statements as one message. */
async function send(client: PoolClient, statements: readonly string[]): Promise<QueryResult[]> {
  return (await client.query(statements.join('; '))) as unknown as QueryResult[];
}

/**
 * Runs a transaction in two messages: what it reads and locks, then what depends on it, with the commit.
 *
 * @param then the statements that depend on the first; null takes all of it back
 */
async function write<T>(
  viewerId: string,
  first: readonly string[],
  then: (results: QueryResult[]) => { readonly statements: readonly string[]; readonly done: T } | null,
): Promise<T | null> {
  const client = await pool.connect();
  try {
    const next = then((await send(client, ['begin', settings(viewerId), ...first])).slice(2));
    if (next === null) {
      await client.query('rollback');
      return null;
    }
    await send(client, [...next.statements, 'commit']);
    announce();
    return next.done;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

const ACCOUNT = `id as "id", name as "name", name_key as "nameKey", description as "description", phone as "phone",
  status as "status", billing_email as "billingEmail", iban as "iban", created_at as "createdAt",
  updated_at as "updatedAt", version as "version"`;

/** Changes the description of an account, with the statements of Rolegate. */
export function updateAccount(viewerId: string, id: string, description: string): Promise<Account | null> {
  const lock = `select ${ACCOUNT} from accounts where id = ${literal(id)} for update`;
  return write<Account>(viewerId, [lock], ([found]) => {
    const row = found?.rows[0] as Account | undefined;
    if (row === undefined) {
      return null;
    }
    const updatedAt = new Date();
    const update = `update accounts set description = ${literal(description)}, updated_at = '${updatedAt.toISOString()}',
      version = version + 1 where id = ${literal(id)}`;
    const event = audit(viewerId, 'account.updated', ['account', id], { fields: ['description'] });
    const { name, version } = row;
    return { statements: [update, event], done: { id, name, description, updatedAt, version: version + 1 } };
  });
}

/** Adds to the count of an item, with the statements of Rolegate. */
export function adjustInventoryCount(viewerId: string, name: string, by: number): Promise<Item | null> {
  const key = foldName(name.trim());
  const update = `update inventory_items
    set data = jsonb_set(data, '{count}', to_jsonb((data ->> 'count')::bigint + ${by})),
      updated_at = '${new Date().toISOString()}', version = version + 1
    where name_key = ${literal(key)} and (data ->> 'count')::bigint + ${by} between 0 and 2147483647
    returning name_key as "nameKey", name as "name", data as "data", updated_at as "updatedAt", version as "version"`;
  return write<Item>(viewerId, [update], ([changed]) => {
    const row = changed?.rows[0] as Item | undefined;
    if (row === undefined) {
      return null;
    }
    const event = audit(viewerId, 'inventory.updated', ['inventoryItem', row.name], { by });
    return {
      statements: [event],
      done: { name: row.name, data: row.data, updatedAt: row.updatedAt, version: row.version },
    };
  });
}
