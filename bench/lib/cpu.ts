import { globSync, readFileSync } from 'node:fs';

/** The unit of /proc/<pid>/stat: clock ticks a second, on every Linux that Node runs on. */
const TICKS = 100;

/** The fields of /proc/<pid>/stat from the third on (`man 5 proc_pid_stat`); null when the process is gone. */
function statOf(path: string): string[] | null {
  try {
    const text = readFileSync(path, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** The sum of some fields, numbered as in the manual. */
function ticks(fields: readonly string[] | null, ...at: readonly number[]): number {
  return at.reduce((sum, index) => sum + Number(fields?.[index - 3] ?? 0), 0);
}

/** Seconds that a process and its children have spent on the processors, also those children that are gone. */
export function cpuOf(pid: number): number {
  const children = globSync('/proc/[0-9]*/stat')
    .map(statOf)
    .filter((fields) => Number(fields?.[1]) === pid);
  const own = ticks(statOf(`/proc/${pid}/stat`), 14, 15, 16, 17);
  return children.reduce((sum, fields) => sum + ticks(fields, 14, 15), own) / TICKS;
}

/** Milliseconds that the process has spent on the processors: other processes make them no more. */
export function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
