import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The processors that this process may use, as Linux lists them (`0-3,8`). */
function allowed(): number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * Keeps this process, and what it starts from now on, off the first processor that it may use, so that a server can have that
 * one alone. Returns its number, or null where there is only one, or no `taskset` (util-linux) to ask for it.
 */
export function reserveProcessor(): number | null {
  const [first, ...others] = process.platform === 'linux' ? allowed() : [];
  if (first === undefined || others.length === 0) {
    return null;
  }
  const { status } = spawnSync('taskset', [
    '--all-tasks',
    '--cpu-list',
    '--pid',
    others.join(','),
    String(process.pid),
  ]);
  return status === 0 ? first : null;
}

/** The command that runs a program on a processor only, or anywhere for null. */
export function onProcessor(processor: number | null, program: string, options: readonly string[]): [string, string[]] {
  return processor === null
    ? [program, [...options]]
    : ['taskset', ['--cpu-list', String(processor), program, ...options]];
}
