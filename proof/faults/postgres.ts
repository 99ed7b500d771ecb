import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './server.ts';
import { run } from './volume.ts';

const BIN = run('sh', '-c', 'ls -d /usr/lib/postgresql/*/bin | tail -1');

/** A PostgreSQL of Debian with data in a folder of choice, and with its log of writes in another if one is named. */
export class Postgres {
  readonly #data: string;
  readonly port: number;

  private constructor(data: string, port: number) {
    this.#data = data;
    this.port = port;
  }

  /** Creates a cluster with the logins of the README and an empty database, and starts it. */
  static async create(
    folder: string,
    { log, settings = {} }: { log?: string; settings?: Record<string, string> } = {},
  ): Promise<Postgres> {
    const data = join(folder, 'data');
    const wal = log === undefined ? [] : [`--waldir=${join(log, 'wal')}`];
    run(
      'runuser',
      '-u',
      'postgres',
      '--',
      `${BIN}/initdb`,
      '-D',
      data,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--wal-segsize=1',
      ...wal,
    );
    const postgres = new Postgres(data, await freePort());
    const all = {
      max_wal_size: '8MB',
      min_wal_size: '4MB',
      log_min_messages: 'warning',
      unix_socket_directories: '/tmp',
      ...settings,
    };
    postgres.configure({ ...all, port: String(postgres.port) });
    postgres.start();
    await postgres.execute('create role rolegate_owner login createrole');
    await postgres.execute('create role rolegate login noinherit');
    await postgres.execute('create database rolegate owner rolegate_owner');
    return postgres;
  }

  /** Adds settings to its configuration. */
  configure(settings: Readonly<Record<string, string>>): void {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
    appendFileSync(join(this.#data, 'postgresql.conf'), lines.join(''));
  }

  /** Copies the running cluster into a folder. */
  backUp(folder: string): void {
    const args = ['-D', folder, '-c', 'fast', '-h', '127.0.0.1', '-p', String(this.port)];
    run('runuser', '-u', 'postgres', '--', `${BIN}/pg_basebackup`, ...args);
  }

  /** Returns the cluster in another folder, at the same port: one of the two runs. */
  at(data: string): Postgres {
    return new Postgres(data, this.port);
  }

  start(): void {
    // The log is on another disk than the data: a full disk would stop it.
    run(
      'runuser',
      '-u',
      'postgres',
      '--',
      `${BIN}/pg_ctl`,
      '-D',
      this.#data,
      '-l',
      `/tmp/rolegate-proof-${this.port}.log`,
      '-w',
      'start',
    );
  }

  /** Starts it if it has ended by itself, as a service manager does. */
  startAgain(): void {
    if (!this.#isRunning) {
      this.start();
    }
  }

  get #isRunning(): boolean {
    try {
      run('kill', '-0', String(this.pid));
      return true;
    } catch {
      return false;
    }
  }

  /** Stops it, unless it has ended by itself. */
  stop(mode: 'fast' | 'immediate' = 'fast'): void {
    if (!this.#isRunning) {
      return;
    }
    run('runuser', '-u', 'postgres', '--', `${BIN}/pg_ctl`, '-D', this.#data, '-m', mode, '-w', 'stop');
  }

  /** The id of the process that has started all others. */
  get pid(): number {
    return Number(readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  }

  get logFile(): string {
    return `/tmp/rolegate-proof-${this.port}.log`;
  }

  url(login: string, database = 'rolegate', host = '127.0.0.1'): string {
    return `postgres://${login}@${host}:${this.port}/${database}`;
  }

  /** Runs a statement as the superuser. */
  async execute<Row extends object = object>(sql: string, database = 'postgres'): Promise<Row[]> {
    const client = new Client({ connectionString: this.url('postgres', database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }
}
