/**
 * How long a start takes on the embedded database, from the command to the first answer, in an empty folder and then
 * again. The promise to a newcomer, who runs `npm start`, is 6 s for the first start and 2 s for later ones, on 2 cores;
 * for the built server it is 4 s and 1 s. (Starts on PostgreSQL: memory.ts.)
 *
 *   npm ci && npm run start -- [rounds]
 *
 * It writes RESULTS-start.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BUILT, buildServer } from './lib/build.ts';
import { cpuOf } from './lib/cpu.ts';
import { machine } from './lib/report.ts';
import { fixed, median, range } from './lib/statistics.ts';
import { writeResult } from './lib/write.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const PORT = '4719';
const QUESTION = { query: '{ __typename }' };

/** Returns true once the server listens: a request before that would cost it processor time. */
async function listens(): Promise<boolean> {
  const socket = connect(Number(PORT), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Returns true if the server answers a GraphQL query. */
async function answers(): Promise<boolean> {
  const url = `http://127.0.0.1:${PORT}/graphql`;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(QUESTION) });
  return response.ok;
}

/** The command that runs, from `bench/`. */
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
  while (!(await listens()) || !(await answers())) {
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

/** A start that is measured, with its target in milliseconds. */
interface Series {
  readonly name: string;
  readonly target: string;
  readonly waits: Wait[];
}

/** The embedded database alone, in a process that does nothing else: no start that uses it can be faster. */
async function waitForDatabase(folder: string): Promise<Wait> {
  const start = performance.now();
  const program = fileURLToPath(new URL('lib/embedded-alone.ts', import.meta.url));
  const alone = spawn(process.execPath, ['--import', '../bin/require-node.mjs', program, folder], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(alone.stdout, 'data');
  const wait = { clock: performance.now() - start, cpu: cpuOf(alone.pid ?? 0) * 1_000 };
  await once(alone, 'exit');
  return wait;
}

const BUILT_SERVER: Command = [process.execPath, BUILT];
const SOURCES: Command = ['npm', '--prefix', '..', 'start'];

const series = [
  { name: 'built, first start', target: '4,000', waits: [] as Wait[] },
  { name: 'built, later start', target: '1,000', waits: [] as Wait[] },
  { name: 'sources, first start', target: '6,000', waits: [] as Wait[] },
  { name: 'sources, later start', target: '2,000', waits: [] as Wait[] },
  { name: 'the embedded database alone', target: '', waits: [] as Wait[] },
] as const satisfies readonly Series[];

function report(): string {
  const lines = series.map(({ name, target, waits }) => {
    const clocks = waits.map(({ clock }) => clock);
    const least = Math.min(...waits.map(({ cpu }) => cpu));
    return `| ${name} | ${fixed(median(clocks), 0)} (${range(clocks, 0)}) | ${fixed(least, 0)} | ${target} |`;
  });
  return [
    '# Start on the embedded database',
    '',
    `From the command to the first answer, Node ${process.versions.node}, ${machine()}: medians of ${ROUNDS} rounds, in turn, in`,
    'milliseconds. A first start finds an empty folder, and loads the demo data.',
    '',
    '| what | ms | processor time, the least | target |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
    'Made by `npm run start` in `bench/`.',
    '',
  ].join('\n');
}

buildServer();
const [builtFirst, builtLater, sourcesFirst, sourcesLater, alone] = series;
for (let round = 0; round < ROUNDS; round++) {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-start-'));
  const [built, sources] = [join(folder, 'built'), join(folder, 'sources')];
  builtFirst.waits.push(await waitFor(BUILT_SERVER, built));
  builtLater.waits.push(await waitFor(BUILT_SERVER, built));
  sourcesFirst.waits.push(await waitFor(SOURCES, sources));
  sourcesLater.waits.push(await waitFor(SOURCES, sources));
  alone.waits.push(await waitForDatabase(join(built, 'database')));
  rmSync(folder, { recursive: true });
}
const text = report();
process.stdout.write(text);
await writeResult('RESULTS-start.md', text);
