import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// `npm run dev`: the server, started anew when a source changes; types are generated anew when the contract does.

const WATCHED = ['schema', 'src', join('test', 'documents')];
const GENERATED = join('src', 'generated');

/** Editors write a file in several steps: a change counts once nothing has followed it for so long, in milliseconds. */
const QUIET = 150;

function say(line: string): void {
  process.stdout.write(`\n[dev] ${line}\n`);
}

/** The sources that changed, a batch at a time. */
async function* changes(): AsyncGenerator<readonly string[]> {
  let next = Promise.withResolvers<void>();
  const seen = new Set<string>();
  for (const folder of WATCHED) {
    watch(folder, { recursive: true }, (_, name) => {
      const path = join(folder, name ?? '');
      if (/\.(ts|graphql)$/.test(path) && !path.startsWith(GENERATED)) {
        seen.add(path);
        next.resolve();
      }
    });
  }
  for (;;) {
    await next.promise;
    for (let count = 0; count !== seen.size; await sleep(QUIET)) {
      count = seen.size;
    }
    const batch = [...seen];
    seen.clear();
    next = Promise.withResolvers();
    yield batch;
  }
}

function startServer(): ChildProcess {
  const server = spawn(process.execPath, ['src/main.ts'], { stdio: 'inherit' });
  server.once('exit', (code) => {
    if (code !== 0 && code !== null) {
      say('The server has stopped: it starts anew after the next change.');
    }
  });
  return server;
}

/** Waits until the server has ended: only then its data is free for the next one. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
}

/** Types are erased before anything runs, so that the restart does not wait for them. */
async function generate(): Promise<void> {
  const codegen = spawn('npm', ['run', '--silent', 'codegen'], { stdio: 'inherit' });
  await once(codegen, 'exit');
}

let server = startServer();
let isLeaving = false;

async function restart(): Promise<void> {
  await stop(server);
  server = isLeaving ? server : startServer();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    isLeaving = true;
    void stop(server).then(() => process.exit(0));
  });
}

await generate();
for await (const files of changes()) {
  say(`${files.join(', ')} changed`);
  const isContract = files.some((file) => file.endsWith('.graphql'));
  const isServed = files.some((file) => !file.startsWith('test'));
  await Promise.all([isContract ? generate() : null, isServed ? restart() : null]);
}
