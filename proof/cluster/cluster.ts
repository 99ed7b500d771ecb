import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { etcdOf, haproxyOf, nginxOf, patroniOf, PORTS } from './configuration.ts';
import { DatabaseNode, Network } from './node.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NAMES = ['node1', 'node2', 'node3'] as const;
const SERVERS = 3;
const OWNER_LOGIN = 'rolegate_owner';
const SERVER_LOGIN = 'rolegate';

/** The network of the cluster, and the listener to its progress. */
export interface ClusterOptions {
  /** Gives each node a network of its own, which can be cut. It needs root and Linux; otherwise all share loopback. */
  readonly hasNetworks: boolean;
  readonly say: (text: string) => void;
}

/**
 * Three PostgreSQL nodes that Patroni keeps as one primary and two standbys, one of them synchronous, with etcd; HAProxy
 * in front of the primary; three Rolegate processes, with HAProxy and nginx in front of them. Debian's packages
 * `postgresql`, `patroni`, `etcd-server`, `haproxy` and `nginx-light` do the work.
 */
export class Cluster {
  readonly nodes: readonly DatabaseNode[];
  /** The folder of data, configurations and logs. */
  readonly folder = mkdtempSync(join(tmpdir(), 'rolegate-cluster-'));
  /** The origin of the three servers behind HAProxy. */
  readonly origin = `http://127.0.0.1:${PORTS.http}`;
  /** The origin of the same servers behind nginx. */
  readonly nginxOrigin = `http://127.0.0.1:${PORTS.nginx}`;
  /** The origin of each server. */
  readonly servers = Array.from({ length: SERVERS }, (_, index) => `http://127.0.0.1:${PORTS.servers + index}`);
  /** The address of the primary, by way of HAProxy. */
  readonly databaseUrl = `postgres://postgres@127.0.0.1:${PORTS.primary}/postgres`;
  readonly #options: ClusterOptions;
  readonly #network: Network;
  readonly #processes: ChildProcess[] = [];
  readonly #servers: ChildProcess[] = [];
  #isClosing = false;

  private constructor(options: ClusterOptions) {
    chmodSync(this.folder, 0o755); // for the user postgres
    this.#options = options;
    this.#network = new Network(options.hasNetworks);
    this.nodes = NAMES.map((name, index) => new DatabaseNode(name, index, this.folder, this.#network));
  }

  /**
   * Starts everything, and loads the demo data.
   *
   * @throws Error if a part does not start; what was started is stopped then, and the folder with the logs stays
   */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    try {
      await cluster.#start();
      return cluster;
    } catch (error) {
      await cluster.#stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { folder } = this;
    const { say } = this.#options;
    this.#network.create(this.nodes);
    say('starting etcd');
    mkdirSync(join(folder, 'etcd'), { mode: 0o700 });
    this.#spawn('etcd', 'etcd', etcdOf(this.#network.gateway, join(folder, 'etcd')));
    say('starting PostgreSQL and Patroni, three times');
    for (const node of this.nodes) {
      node.configure(patroniOf(node, this.#network.gateway));
      node.start();
    }
    await this.untilHealthy(120_000);
    say('starting HAProxy');
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, haproxyOf(this.nodes, SERVERS));
    this.#spawn('haproxy', 'haproxy', ['-db', '-f', file]);
    await this.#createDatabase();
    for (const [index, server] of this.servers.entries()) {
      say(`starting server ${index + 1} of ${SERVERS} at ${server}`);
      await this.#startServer(index);
    }
    const nginx = join(folder, 'nginx');
    mkdirSync(nginx);
    writeFileSync(join(nginx, 'nginx.conf'), nginxOf(nginx, SERVERS));
    this.#spawn('nginx', 'nginx', ['-p', nginx, '-c', join(nginx, 'nginx.conf')]);
    await until(() => answers(`${this.nginxOrigin}/readyz`), 30_000, 'nginx has no server.');
    await until(() => answers(`${this.origin}/readyz`), 30_000, 'HAProxy has no server.');
  }

  #spawn(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
    const log = openSync(join(this.folder, `${name}.log`), 'a');
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', log, log] });
    this.#processes.push(child);
    child.once('exit', (code) => {
      if (!this.#isClosing) {
        this.#options.say(`${name} has ended with ${code ?? 'a signal'}: see ${name}.log in ${this.folder}`);
      }
    });
    return child;
  }

  async #createDatabase(): Promise<void> {
    // HAProxy takes every node for the primary until it has looked twice.
    let inARow = 0;
    await until(
      async () => (inARow = (await isPrimary(this.databaseUrl)) ? inARow + 1 : 0) >= 20,
      60_000,
      'HAProxy finds no primary.',
    );
    const client = new Client({ connectionString: this.databaseUrl });
    await client.connect();
    await client.query(`create role ${OWNER_LOGIN} login createrole`);
    await client.query(`create role ${SERVER_LOGIN} login noinherit`);
    await client.query(`create database rolegate owner ${OWNER_LOGIN}`);
    await client.end();
  }

  /** Ends a server with SIGTERM, and starts it again once it has ended. Resolves when it is ready. */
  async restart(index: number): Promise<void> {
    const child = this.#servers[index];
    if (child === undefined) {
      throw new RangeError(`There is no server ${index}.`);
    }
    child.removeAllListeners('exit');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await this.#startServer(index);
  }

  async #startServer(index: number): Promise<void> {
    const replicas = this.nodes.map(({ host, port }) => `postgres://${SERVER_LOGIN}@${host}:${port}/rolegate`);
    const preload = join(ROOT, 'bin', 'require-node.mjs');
    const server = this.servers[index] ?? '';
    const child = this.#spawn(
      `server${index + 1}`,
      process.execPath,
      ['--import', preload, join(ROOT, 'src', 'main.ts')],
      {
        PATH: process.env['PATH'],
        PORT: String(PORTS.servers + index),
        DATABASE_URL: urlOf(SERVER_LOGIN),
        DATABASE_ADMIN_URL: urlOf(OWNER_LOGIN),
        DATABASE_REPLICA_URLS: replicas.join(','),
        JWT_SECRET: 'a secret of the cluster that everyone may know',
        JWT_ISSUER: 'https://cluster.example',
        JWT_AUDIENCE: 'https://cluster.example/graphql',
        TRUST_PROXY: '127.0.0.1',
        DEMO_DATA: 'true',
        // Longer than two checks of HAProxy.
        SHUTDOWN_DELAY_SECONDS: '4',
        LOG_LEVEL: 'warn',
      },
    );
    this.#servers[index] = child;
    const isReady = async (): Promise<boolean> => {
      if (child.exitCode !== null) {
        throw new Error(`Server ${index + 1} does not start.`);
      }
      return answers(`${server}/readyz`);
    };
    await until(isReady, 120_000, `${server} is not ready.`);
  }

  /** Returns the node that is the primary, by what the others say. */
  async primary(): Promise<DatabaseNode> {
    const roles = await Promise.all(this.nodes.map(async (node) => ({ node, state: await node.state() })));
    const primary = roles.find(({ state }) => state?.isPrimary === true);
    if (primary === undefined) {
      throw new Error('No node is the primary now.');
    }
    return primary.node;
  }

  /** Waits until one node is the primary and both others stream from it, one of them synchronously. */
  async untilHealthy(limitMs: number): Promise<void> {
    const isHealthy = async (): Promise<boolean> => {
      const states = await Promise.all(this.nodes.map((node) => node.state()));
      const [primary, ...others] = states.filter((state) => state?.isPrimary === true);
      const standbys = [...(primary?.standbys.values() ?? [])];
      return others.length === 0 && standbys.length === states.length - 1 && standbys.includes(true);
    };
    await until(isHealthy, limitMs, 'The nodes do not become one primary and two standbys.');
  }

  /** Stops everything, and removes the folder. */
  async close(): Promise<void> {
    await this.#stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    this.#isClosing = true;
    const running = this.#processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(
      running.map(async (child) => {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
        await ended;
        clearTimeout(timer);
      }),
    );
    for (const node of this.nodes) {
      node.thaw();
      node.kill();
    }
    this.#network.remove(this.nodes);
  }
}

/** Returns the address of the database for a login, at the primary. */
function urlOf(login: string): string {
  return `postgres://${login}@127.0.0.1:${PORTS.primary}/rolegate`;
}

/** Returns true if the address leads to a primary. */
async function isPrimary(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ isStandby: boolean }>('select pg_is_in_recovery() as "isStandby"');
    return rows[0]?.isStandby === false;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Waits until the condition holds. @throws Error with the message after the limit in milliseconds */
export async function until(holds: () => Promise<boolean>, limitMs: number, message: string): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(message);
    }
    await sleep(100);
  }
}
