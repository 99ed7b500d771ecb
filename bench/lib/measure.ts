import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Load, Measured } from '../load.ts';

/** Runs the load generator once. */
export async function measure(load: Load): Promise<Measured> {
  const file = fileURLToPath(new URL('../load.ts', import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(load)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [status]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>]);
  if (status !== 0) {
    throw new Error(`The load on ${load.url} failed`);
  }
  return JSON.parse(said) as Measured;
}
