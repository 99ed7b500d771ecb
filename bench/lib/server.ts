import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onProcessor } from './processors.ts';

/** A server in a process of its own. */
export interface Server {
  readonly origin: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export type Environment = Readonly<Record<string, string>>;

const BENCH = new URL('../', import.meta.url);

/** The options of the script `start`; the peers get the same. */
const NODE_OPTIONS = ['--import', './bin/require-node.mjs'];

/** Returns a port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') {
    throw new TypeError('A server on a port has no port');
  }
  return address.port;
}

/** Resolves with the origin of a server that logs no line about it, once it answers. */
async function whenAnswering(origin: string, isOver: () => boolean): Promise<string> {
  while (!isOver()) {
    const isUp = await fetch(`${origin}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) {
      return origin;
    }
    await sleep(50);
  }
  return origin;
}

/**
 * Starts a program, given from `bench/`, as `npm start` does, and waits until it says at which address it listens, or
 * until it answers there, if the environment asks for any free port (`PORT` is 0). With a processor's number it runs there only.
 */
export async function startServer(file: string, wanted: Environment, processor: number | null = null): Promise<Server> {
  const port = wanted['PORT'] === '0' ? await freePort() : null;
  const environment: Environment = port === null ? wanted : { ...wanted, PORT: String(port) };
  const [program, options] = onProcessor(processor, process.execPath, [
    ...NODE_OPTIONS,
    fileURLToPath(new URL(file, BENCH)),
  ]);
  const child = spawn(program, options, {
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
  if (port !== null) {
    let isOver = false;
    void promise.catch(() => null).finally(() => (isOver = true));
    resolve(await Promise.race([promise, whenAnswering(`http://127.0.0.1:${port}`, () => isOver)]));
  }
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
