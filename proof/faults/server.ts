import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { auditCommand } from '../../src/cli/audit.ts';
import { readConfig } from '../../src/config/config.ts';
import { openServer } from '../../src/database/database.ts';
import type { Postgres } from './postgres.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The `JWT_SECRET` of servers in the proofs. */
export const SECRET = 'a secret of the proofs that everyone may know';

/** The answer to an operation. */
export interface Answer {
  readonly status: number;
  readonly ms: number;
  /** Returns the text at a path of the data; an empty one if there is none. */
  readonly text: (...path: readonly string[]) => string;
  /** The code of the first error; null: there is none. */
  readonly code: string | null;
}

/** A server in a process of its own, in development mode unless its environment says otherwise. */
export class Server {
  readonly origin: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  output = '';

  private constructor(origin: string, folder: string, child: ChildProcess) {
    this.origin = origin;
    this.#folder = folder;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /**
   * Starts a server. Resolves when it is ready.
   *
   * @param prefix is a command that runs the server, such as `ip netns exec`
   */
  static async start(environment: Readonly<Record<string, string>>, prefix: readonly string[] = []): Promise<Server> {
    const server = await Server.spawn(environment, prefix);
    for (let tries = 0; (await server.status('/readyz')) !== 200; tries += 1) {
      if (tries > 600 || server.#child.exitCode !== null) {
        throw new Error(`The server does not start: ${server.output}`);
      }
      await sleep(100);
    }
    return server;
  }

  /** Starts a server, and does not wait for it. */
  static async spawn(environment: Readonly<Record<string, string>>, prefix: readonly string[] = []): Promise<Server> {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const folder = mkdtempSync(join(tmpdir(), 'rolegate-fault-'));
    const preload = join(ROOT, 'bin', 'require-node.mjs');
    const command = [...prefix, process.execPath, '--import', preload, join(ROOT, 'src', 'main.ts')];
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        SHUTDOWN_DELAY_SECONDS: '0',
        JWT_SECRET: SECRET,
        LOG_LEVEL: 'warn',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new Server(`http://127.0.0.1:${port}`, folder, child);
    server.#metrics = `http://127.0.0.1:${metricsPort}/metrics`;
    return server;
  }

  #metrics = '';

  /** Returns the status of a path; 0: no answer within five seconds. */
  status(path: string): Promise<number> {
    return fetch(`${this.origin}${path}`, { signal: AbortSignal.timeout(5_000) }).then(
      ({ status }) => status,
      () => 0,
    );
  }

  /** Sends an operation. One that has no answer after 30 seconds has the status 0. */
  async ask(
    query: string,
    { token, headers }: { token?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const since = performance.now();
    const ms = (): number => Math.round(performance.now() - since);
    try {
      const response = await fetch(`${this.origin}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: JSON.stringify({ query }),
        signal: AbortSignal.timeout(30_000),
      });
      const { data, errors } = (await response.json()) as {
        readonly data?: unknown;
        readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
      };
      return {
        status: response.status,
        ms: ms(),
        text: (...path) => textAt(data, path),
        code: errors?.[0]?.extensions?.code ?? null,
      };
    } catch {
      return { status: 0, ms: ms(), text: () => '', code: 'NO_ANSWER' };
    }
  }

  /** Signs in with a demo user, or with the given password. */
  login(username: string, password = `rolegate-demo-${username}`): Promise<Answer> {
    return this.ask(`mutation { login(login: "${username}", password: "${password}") { accessToken refreshToken } }`);
  }

  /** Returns the value of a figure; null if there is none. */
  async figure(name: string): Promise<number | null> {
    const text = await (await fetch(this.#metrics)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
    return line === undefined ? null : Number(line.split(' ').at(-1));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Returns the variables of a server with the demo data on a PostgreSQL, which it finds at the host. */
export function environmentOn(postgres: Postgres, host?: string): Record<string, string> {
  return {
    DATABASE_URL: postgres.url('rolegate', 'rolegate', host),
    DATABASE_ADMIN_URL: postgres.url('rolegate_owner', 'rolegate', host),
    JWT_ISSUER: 'https://api.example.com',
    JWT_AUDIENCE: 'https://api.example.com/graphql',
    DEMO_DATA: 'true',
  };
}

/** Verifies the audit chain of a database with {@link SECRET}. Returns the exit code of `npm run audit -- verify`. */
export function verifyAudit(url: string): Promise<number> {
  return auditCommand(['verify'], readConfig({ JWT_SECRET: SECRET }), {
    now: () => new Date(),
    out: () => undefined,
    err: () => undefined,
    openDatabase: () => openServer({ url, adminUrl: null, production: true }, { progress: () => undefined }),
  });
}

/** Returns a port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function textAt(data: unknown, path: readonly string[]): string {
  const [name, ...rest] = path;
  if (name === undefined) {
    return typeof data === 'string' ? data : '';
  }
  return typeof data === 'object' && data !== null ? textAt(Reflect.get(data, name), rest) : '';
}
