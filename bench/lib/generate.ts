import type { Client } from 'pg';
import { connected } from './postgres.ts';

const BATCH = 50_000;

function letter(letters: string, byte: number): string {
  return `substr('${letters}', 1 + get_byte(hash, ${byte}) % ${letters.length}, 1)`;
}

/** SQL for a name that can be pronounced: so many syllables out of the bytes of `hash`. */
function syllables(from: number, count: number): string {
  const parts = Array.from({ length: count }, (_, index) => from + 2 * index);
  return parts.map((byte) => `${letter('bcdfghjklmnprstvwyz', byte)} || ${letter('aeiou', byte + 1)}`).join(' || ');
}

/** A batch at a time: the first row's number, and the one behind the last. */
async function inBatches(count: number, insert: (from: number, to: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    await insert(from, Math.min(count, from + BATCH));
  }
}

function insertAccounts(client: Client, from: number, to: number): Promise<unknown> {
  return client.query(
    `insert into accounts (id, name, status, billing_email, iban, created_at, updated_at, version)
     select md5('a' || n)::uuid, 'Account ' || md5(n::text) , 'ACTIVE', 'billing' || n || '@example.org', null,
       timestamptz '2024-01-01' + n * interval '1 minute', now(), 1 from generate_series($1::int, $2::int - 1) n`,
    [from, to],
  );
}

async function insertUsers(client: Client, accounts: number, from: number, to: number): Promise<void> {
  await client.query(
    `insert into users (id, username, email, email_key, display_name, active, account_id, created_at, updated_at, version)
     select md5('u' || n)::uuid, first || '.' || last || '.' || n, first || '.' || last || n || '@example.org',
       first || '.' || last || n || '@example.org', initcap(first || ' ' || last), true,
       md5('a' || (n % $3::int))::uuid, timestamptz '2024-01-01' + n * interval '1 second', now(), 1
     from (select n, ${syllables(0, 3)} as first, ${syllables(6, 4)} as last
           from (select n, decode(md5(n::text), 'hex') as hash from generate_series($1::int, $2::int - 1) n) h) names`,
    [from, to, accounts],
  );
  await client.query(
    `insert into role_assignments (user_id, role)
     select md5('u' || n)::uuid, 'STANDARD' from generate_series($1::int, $2::int - 1) n`,
    [from, to],
  );
}

/** Adds generated users in generated accounts to a migrated database. User n has the id `md5('u' || n)`. */
export function generateUsers(
  url: string,
  { users, accounts }: { users: number; accounts: number },
  say: (text: string) => void,
): Promise<void> {
  return connected(url, async (client) => {
    await client.query('alter table users disable trigger all');
    await inBatches(accounts, (from, to) => insertAccounts(client, from, to));
    await inBatches(users, async (from, to) => {
      await insertUsers(client, accounts, from, to);
      say(`  ${to} of ${users} users`);
    });
    await client.query('alter table users enable trigger all');
    await client.query('vacuum analyze');
  });
}

/**
 * Adds generated roles, each of which inherits the one with the last digit cut off, and gives the last of them to a user.
 */
export function generateRoles(url: string, count: number, username: string): Promise<void> {
  return connected(url, async (client) => {
    await client.query(
      `insert into roles (name, description) select 'R' || n, 'Generated' from generate_series(1, $1) n`,
      [count],
    );
    await client.query(
      `insert into role_inheritance (role, inherits)
       select 'R' || n, case when n < 10 then 'STANDARD' else 'R' || n / 10 end from generate_series(1, $1) n`,
      [count],
    );
    await client.query(
      `insert into role_permissions (role, permission) select 'R' || n, 'accounts:read' from generate_series(1, $1, 7) n`,
      [count],
    );
    await client.query(
      `insert into role_assignments (user_id, role) select id, 'R' || $1::int from users where username = $2`,
      [count, username],
    );
    await client.query('vacuum analyze');
  });
}
