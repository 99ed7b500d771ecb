#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageCommand } from './access/package-command.ts';
import { watchOutput } from './output.ts';

// The command line of the published package, `npx rolegate`.

async function main(): Promise<void> {
  const [oldest = ''] = /\d+(\.\d+)*/.exec(manifest().engines.node) ?? [];
  if (process.versions.node.localeCompare(oldest, 'en', { numeric: true }) < 0) {
    process.stderr.write(`rolegate needs Node ${oldest} or later; this is ${process.version}.\n`);
    process.exitCode = 1;
    return;
  }
  watchOutput();
  const output = {
    out: (text: string) => process.stdout.write(`${text}\n`),
    err: (text: string) => process.stderr.write(`${text}\n`),
    version: () => manifest().version,
  };
  process.exitCode = 1;
  process.once('beforeExit', () => {
    output.err('The schema cannot be loaded: the module exports, or waits for, a promise that never settles.');
  });
  try {
    process.exitCode = await packageCommand(process.argv.slice(2), output);
  } catch (error) {
    output.err(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
  process.stdout.write('', () => process.stderr.write('', end));
}

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** Returns the manifest of the package, which is beside this folder. */
function manifest(): Manifest {
  return JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as Manifest;
}

/** Ends the process: a module that was loaded may hold connections or timers, which would keep it alive. */
function end(): void {
  setImmediate(() => process.exit()); // The failure of an output is reported first.
}

void main();
