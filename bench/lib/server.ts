import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export interface Server {
  readonly origin: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export type Environment = Readonly<Record<string, string>>;

const BENCH = new URL('../', import.meta.url);

/** As in the script `start`; the peers get the same. */
const NODE_OPTIONS = ['--import', './bin/require-node.mjs'];

/** Starts a program, given from `bench/`, as `npm start` does, and waits until it says at which address it listens. */
export async function startServer(file: string, environment: Environment): Promise<Server> {
  const child = spawn(process.execPath, [...NODE_OPTIONS, fileURLToPath(new URL(file, BENCH))], {
    cwd: fileURLToPath(new URL('..', BENCH)),
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // All that it says is read to the end: a server whose terminal is gone would die of it.
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address !== undefined) {
      resolve(address);
    }
  });
  const exit = once(child, 'exit');
  let isWanted = false;
  child.once('exit', (status, signal) => {
    if (!isWanted) {
      reject(new Error(`${file} has ended`));
      process.stderr.write(`${file} has ended with ${signal ?? status}:\n${said.slice(-20).join('\n')}\n`);
    }
  });
  const origin = await promise;
  const stop = async (): Promise<void> => {
    isWanted = true;
    child.kill('SIGTERM');
    await exit;
  };
  return { origin, pid: child.pid ?? 0, stop };
}

/** A GraphQL response. */
export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string }[];
}

/** Asks once. The body as it came, and what it says. */
export async function ask(origin: string, query: string, token?: string): Promise<{ body: string; answer: Answer }> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  const body = await response.text();
  return { body, answer: JSON.parse(body) as Answer };
}
