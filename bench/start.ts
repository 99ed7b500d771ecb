/**
 * How long a newcomer waits: from `npm start` to the first answer, in an empty folder and then again, on the embedded
 * database. The promise is 6 s for the first start and 2 s for later ones, on 2 cores.
 *
 *   node start.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROUNDS = 5;
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

/** Starts the server and stops it once it has answered. Milliseconds until then. */
async function timeToAnswer(dataDir: string): Promise<number> {
  const start = performance.now();
  const server = spawn('npm', ['start'], {
    cwd: new URL('../', import.meta.url),
    env: { ...process.env, DATA_DIR: dataDir, PORT },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await answers())) {
    if (server.exitCode !== null) {
      throw new Error('The server has ended before it answered');
    }
    await sleep(10);
  }
  const time = performance.now() - start;
  server.kill('SIGTERM');
  await once(server, 'exit');
  return time;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function tell(name: string, times: readonly number[]): void {
  const all = times.map((time) => Math.round(time)).join(', ');
  process.stdout.write(`${name}: median ${Math.round(median(times))} ms (${all})\n`);
}

const first: number[] = [];
const later: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'rolegate-start-')), 'data');
  first.push(await timeToAnswer(dataDir));
  later.push(await timeToAnswer(dataDir));
  rmSync(dataDir, { recursive: true });
}
tell('first start', first);
tell('later start', later);
