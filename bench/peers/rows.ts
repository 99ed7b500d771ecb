import { escapeLiteral, Pool } from 'pg';

/** A row as handlers answer with it. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly billingEmail: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
}

/** The same number of connections as Rolegate has: statements are sent without waiting for the one before. */
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, pipeline: true });
const hasPolicies = process.env['ROW_LEVEL_SECURITY'] === 'true';

const LIST = `select id as "id", name as "name", status as "status", billing_email as "billingEmail",
  created_at as "createdAt", updated_at as "updatedAt", version as "version" from accounts where true order by name, id limit `;

/** Returns the settings that row-level security reads, the same as Rolegate's. */
function contextOf(role: string, viewerId: string): string {
  const settings = Object.entries({ role, 'rolegate.viewer_id': viewerId, statement_timeout: '8000' });
  const told = settings.filter(([, value]) => value !== '');
  return told.map(([name, value]) => `set local ${name} = ${escapeLiteral(value)}`).join('; ');
}

/** Reads in a transaction of its own: as one message, since nothing in it depends on an answer before. */
async function read<Row>(role: string, viewerId: string, statement: string): Promise<Row[]> {
  const whole = `begin isolation level repeatable read read only; ${contextOf(role, viewerId)}; ${statement}; rollback`;
  const results: unknown = await pool.query(whole);
  return (results as { rows: Row[] }[]).at(-2)?.rows ?? [];
}

/** The first accounts, as the statements of Rolegate find them. */
export async function listAccounts(viewerId: string, first: number): Promise<Account[]> {
  const statement = `${LIST}${Math.trunc(first) + 1}`;
  const rows = hasPolicies
    ? await read<Account>('rolegate_viewer_self_all_write', viewerId, statement)
    : (await pool.query<Account>(statement)).rows;
  return rows.slice(0, first);
}

/** Returns the user and the assigned roles of a session; null without such a session. */
export async function findSession(id: string): Promise<{ userId: string; roles: string[] } | null> {
  const statement = `select user_id as "userId", array(select role from role_assignments r where r.user_id = s.user_id) as roles
    from sessions s where id = ${escapeLiteral(id)}`;
  const rows = hasPolicies
    ? await read<{ userId: string; roles: string[] }>('rolegate_auth', '', statement)
    : (await pool.query<{ userId: string; roles: string[] }>(statement)).rows;
  return rows[0] ?? null;
}
