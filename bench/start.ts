/**
 * How long a start takes on the embedded database, from the command to the first answer, in an empty folder and then
 * again. The promise to a newcomer, who runs `npm start`, is 6 s for the first start and 2 s for later ones, on 2 cores;
 * for the built server it is 4 s and 1 s. (Starts on PostgreSQL: memory.ts.)
 *
 *   npx node start.ts [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILT, buildServer } from './lib/build.ts';
import { cpuOf } from './lib/cpu.ts';
import { fixed, median, range } from './lib/statistics.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const PORT = '4719';
const QUESTION = { query: '{ __typename }' };

/** Whether the server answers a GraphQL query. */
async function answers(): Promise<boolean> {
  const url = `http://127.0.0.1:${PORT}/graphql`;
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(QUESTION) });
    return response.ok;
  } catch {
    return false; // it does not listen yet
  }
}

/** What is run, from `bench/`. */
type Command = readonly [program: string, ...args: string[]];

/** Milliseconds from the start of a command to its first answer, by the clock and of processor time. */
interface Wait {
  readonly clock: number;
  readonly cpu: number;
}

/** Starts the server and stops it once it has answered. */
async function waitFor([program, ...args]: Command, dataDir: string): Promise<Wait> {
  const start = performance.now();
  const server = spawn(program, args, {
    cwd: new URL('.', import.meta.url),
    env: { ...process.env, DATA_DIR: dataDir, PORT },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await answers())) {
    if (server.exitCode !== null) {
      throw new Error('The server has ended before it answered');
    }
    await sleep(10);
  }
  const wait = { clock: performance.now() - start, cpu: cpuOf(server.pid ?? 0) * 1_000 };
  server.kill('SIGTERM');
  await once(server, 'exit');
  return wait;
}

function tell(name: string, waits: readonly Wait[]): void {
  const clocks = waits.map(({ clock }) => clock);
  const least = Math.min(...waits.map(({ cpu }) => cpu));
  const line = `${name}: median ${fixed(median(clocks), 0)} ms (${range(clocks, 0)})`;
  process.stdout.write(`${line}, processor time at least ${fixed(least, 0)} ms\n`);
}

async function measure(name: string, command: Command): Promise<void> {
  const first: Wait[] = [];
  const later: Wait[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'rolegate-start-'));
    first.push(await waitFor(command, join(folder, 'data')));
    later.push(await waitFor(command, join(folder, 'data')));
    rmSync(folder, { recursive: true });
  }
  tell(`${name}, first start`, first);
  tell(`${name}, later start`, later);
}

buildServer();
await measure('built', [process.execPath, BUILT]);
await measure('npm start', ['npm', '--prefix', '..', 'start']);
