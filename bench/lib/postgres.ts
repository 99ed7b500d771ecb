import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** The login that servers use: it owns nothing. */
export const LEAST_PRIVILEGE = { name: 'rolegate_bench', password: 'rolegate-bench' };
/** The login that owns the tables where there is no row level security. */
export const OWNER = { name: 'rolegate_bench_owner', password: 'rolegate-bench-owner' };

/** A PostgreSQL server to make databases on. */
export interface Postgres {
  /** The URL of its superuser. */
  readonly url: string;
  readonly version: string;
  /** The process whose children are the backends; null when it runs on another machine. */
  readonly pid: number | null;
  readonly stop: () => void;
}

/** The URL of a database, as a login or as the superuser. */
export function urlOf({ url }: Pick<Postgres, 'url'>, database: string, login?: typeof LEAST_PRIVILEGE): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  if (login !== undefined) {
    changed.username = login.name;
    changed.password = login.password;
  }
  return changed.href;
}

/** Runs some work on a connection of its own. */
export async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs one of PostgreSQL's own programs, which refuse to run as root. */
function runProgram(file: string, ...options: string[]): void {
  const asPostgres = userInfo().uid === 0;
  const command: [string, ...string[]] = asPostgres ? ['runuser', '-u', 'postgres', '--', file] : [file];
  const [program, ...before] = command;
  const { status, stderr } = spawnSync(program, [...before, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    throw new Error(`${file} ended with ${status}: ${String(stderr)}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function programs(): string {
  const found = globSync('/usr/lib/postgresql/*/bin/initdb').toSorted((a, b) => a.localeCompare(b, 'en'));
  const newest = found.at(-1);
  if (newest === undefined) {
    throw new Error(
      'Set DATABASE_URL to a PostgreSQL server (its superuser), or install one: apt-get install postgresql',
    );
  }
  return newest.replace(/initdb$/, '');
}

/** A cluster in a temporary folder, as Debian's package configures it. */
async function startCluster(): Promise<{ url: string; stop: () => void }> {
  const bin = programs();
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-bench-'));
  spawnSync('chmod', ['755', folder]);
  const home = join(folder, 'postgres');
  mkdirSync(home);
  if (userInfo().uid === 0) {
    spawnSync('chown', ['postgres', home]);
  }
  const [port, data] = [await freePort(), join(home, 'data')];
  runProgram(`${bin}initdb`, '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C.UTF-8');
  const settings = `-p ${port} -k ${home} -c listen_addresses=127.0.0.1`;
  runProgram(`${bin}pg_ctl`, '-D', data, '-l', join(home, 'log'), '-w', '-o', settings, 'start');
  const stop = (): void => {
    runProgram(`${bin}pg_ctl`, '-D', data, '-m', 'immediate', 'stop');
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop };
}

/** The parent of the backend that answers, if it runs on this machine. */
async function postmasterOf(client: Client): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  try {
    const stat = readFileSync(`/proc/${rows[0]?.pid}/stat`, 'utf8');
    const [, parent] = /^\d+ \(postgres\) \S (\d+)/.exec(stat) ?? [];
    return parent === undefined ? null : Number(parent);
  } catch {
    return null; // no such process here
  }
}

async function makeLogin(client: Client, { name, password }: typeof LEAST_PRIVILEGE): Promise<void> {
  const role = `role ${name} login noinherit password '${password}'`;
  await client.query(`do $$ begin create ${role}; exception when duplicate_object then alter ${role}; end $$`);
}

/** The server that DATABASE_URL names (its superuser), or one that is started for now. */
export async function openPostgres(given = process.env['DATABASE_URL']): Promise<Postgres> {
  const { url, stop } = given === undefined ? await startCluster() : { url: given, stop: () => undefined };
  return connected(url, async (client) => {
    await makeLogin(client, LEAST_PRIVILEGE);
    await makeLogin(client, OWNER);
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`);
    const [version = ''] = (rows[0]?.version ?? '').split(' ');
    return { url, version, pid: await postmasterOf(client), stop };
  });
}

/** Recreates a database, empty or as a copy. */
export function createDatabase(postgres: Postgres, name: string, template?: string): Promise<void> {
  return connected(postgres.url, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}${template === undefined ? '' : ` template ${template}`}`);
  });
}

export function dropDatabase(postgres: Postgres, name: string): Promise<void> {
  return connected(postgres.url, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
  });
}

/** Takes row level security off every table, and gives them to {@link OWNER}. */
export function dropPolicies(postgres: Postgres, name: string): Promise<void> {
  return connected(urlOf(postgres, name), async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
    );
    for (const table of rows) {
      await client.query(`alter table ${table.name} disable row level security, no force row level security`);
      await client.query(`alter table ${table.name} owner to ${OWNER.name}`);
    }
    await client.query('vacuum analyze');
  });
}
