import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { inject, onTestFinished } from 'vitest';
import type { Environment } from '../../src/config/config.ts';
import { databaseFolder } from './environment.ts';

const fileOf = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;

/** The arguments with which Node runs a source file, the same as in the npm scripts. */
const source = (path: string): string[] => ['--import', fileOf('bin/require-node.mjs'), fileOf(path)];

/** An empty folder, which is gone after the test. */
export function emptyFolder(): string {
  const folder = databaseFolder('rolegate-process-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder as `emptyFolder` makes it, with the demo in `.data` where the run has it: a server starts in half the time. */
export function demoFolder(): string {
  const folder = emptyFolder();
  const { serverUrl, template } = inject('database');
  if (serverUrl === null) {
    cpSync(template, join(folder, '.data', 'database'), { recursive: true });
  }
  return folder;
}

export interface ProcessOptions {
  /** The working directory: the data is in `.data` below it. */
  readonly folder: string;
  readonly environment?: Environment;
}

/** One of our programs, as a process of its own. */
export class Program {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<unknown[]>;
  #output = '';

  constructor(args: readonly string[], { folder, environment = {} }: ProcessOptions) {
    this.#child = spawn(process.execPath, [...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    onTestFinished(async () => {
      await this.stop('SIGKILL');
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The output so far, of both streams. */
  get output(): string {
    return this.#output;
  }

  /** Waits until it has written what matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found !== null) {
        return found;
      }
      const isOver = await Promise.race([
        once(this.#child.stdout, 'data').then(() => false),
        this.#ended.then(() => true),
      ]);
      if (isOver && !pattern.test(this.#output)) {
        throw new Error(`The process ended without saying ${String(pattern)}:\n${this.#output}`);
      }
    }
  }

  /** Waits until it has ended by itself. Its exit code; null when a signal ended it. */
  async ends(): Promise<unknown> {
    const [code] = await this.#ended;
    return code;
  }

  /** Sends the signal and waits for the end. Its exit code; null when the signal ended it. */
  async stop(signal: NodeJS.Signals): Promise<unknown> {
    this.#child.kill(signal);
    return this.ends();
  }
}

/** `npm start`, on any free port and without a delay at its end, unless told otherwise. */
export function startServer({ folder, environment }: ProcessOptions): Program {
  return new Program(source('src/main.ts'), {
    folder,
    environment: { PORT: '0', SHUTDOWN_DELAY_SECONDS: '0', ...environment },
  });
}

/** `npm run <group> -- <args>`. */
export function runCommand(args: readonly string[], options: ProcessOptions): Program {
  return new Program([...source('src/cli.ts'), ...args], options);
}

/** Waits until the server says that it is ready. Its address, with a slash at the end. */
export async function readyUrl(server: Program): Promise<string> {
  const [, url = ''] = await server.says(/Rolegate is ready: (http:\/\/127\.0\.0\.1:\d+\/)/);
  return url;
}

/** Asks a server over HTTP. */
export async function ask(url: string, query: string, token?: string): Promise<unknown> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  const response = await fetch(`${url}graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return response.json();
}

/** Signs in over HTTP. An access token. */
export async function signIn(url: string, username: string, password = `rolegate-demo-${username}`): Promise<string> {
  const mutation = `mutation { login(login: "${username}", password: "${password}") { accessToken } }`;
  const { data } = (await ask(url, mutation)) as { data: { login: { accessToken: string } } };
  return data.login.accessToken;
}

/** The words of a line as a shell takes it apart. */
export async function shellWords(line: string): Promise<string[]> {
  const shell = spawn('sh', ['-c', `set -- ${line}; printf '%s\\0' "$@"`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  shell.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(shell, 'close');
  return Buffer.concat(chunks).toString().split('\0').slice(0, -1);
}
