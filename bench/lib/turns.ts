import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fixed, median } from './statistics.ts';

/** The rows of a list. */
export const ROWS = 1_000;

/** The groups of processes for the guard and what it is compared with, and for peers that cost several times as much. */
export const GROUPS = { near: 7, far: 2 } as const;
export const TURNS = 25;
export const EXECUTIONS = 8;
const WARM_UP = 100;

/** A schema that is measured: its name in the results, and that of its guard in `guarded-list.ts`. */
export type Case = readonly [name: string, guard: string];

async function run(child: ChildProcess, executions: number): Promise<number> {
  child.send(executions);
  const [milliseconds] = (await once(child, 'message')) as [number];
  return milliseconds;
}

/** Starts a process for each case and lets them take turns. @returns the milliseconds of each case, by turn */
async function runGroup(cases: readonly Case[], data: string, flags: readonly string[]): Promise<number[][]> {
  const file = `${import.meta.dirname}/guarded-list.ts`;
  const children = cases.map(([, guard]) => fork(file, [guard, data], { execArgv: [...flags] }));
  try {
    for (const child of children) {
      await run(child, WARM_UP);
    }
    const times = cases.map((): number[] => []);
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (let place = 0; place < cases.length; place += 1) {
        const index = (turn + place) % cases.length;
        times[index]?.push(await run(children[index] as ChildProcess, EXECUTIONS));
      }
    }
    return times;
  } finally {
    children.forEach((child) => child.kill());
  }
}

/**
 * Compares cases with the first of them. Each has a process of its own, since V8 compiles an executor for what it has seen: in
 * one process every schema would slow down the others. Processes of a group take turns, so that the machine is the same for all.
 *
 * @param groups the number of groups
 * @param flags of Node
 * @returns the line of each case in a table
 */
export async function compareCases(
  cases: readonly Case[],
  data: 'properties' | 'resolvers',
  groups: number,
  flags: readonly string[] = [],
): Promise<string[]> {
  const times = cases.map((): number[] => []);
  const ratios = cases.map((): number[] => []);
  for (let group = 0; group < groups; group += 1) {
    const turns = await runGroup(cases, data, flags);
    for (const [index, own] of turns.entries()) {
      times[index]?.push(median(own));
      ratios[index]?.push(median(own.map((value, turn) => value / (turns[0]?.[turn] ?? NaN))));
    }
  }
  return cases.map(([name], index) => {
    const own = (ratios[index] ?? []).toSorted((a, b) => a - b);
    const range = `${fixed(own[0] ?? NaN)}–${fixed(own.at(-1) ?? NaN)}`;
    return `| ${name} | ${fixed(median(times[index] ?? []), 3)} | ${fixed(median(own))} | ${range} |`;
  });
}
