import { expect, vi } from 'vitest';
import { inspect } from 'node:util';

/** Stands in for `test`, `describe` and the hooks of Vitest while a file is loaded; the rest of Vitest is the real one. */

type Body = () => unknown;

/** One test, with the hooks around it. */
export interface Collected {
  readonly name: string;
  /** The line of the call that made it, from 0. */
  readonly line: number;
  readonly body: Body;
  readonly suites: readonly Suite[];
}

interface Suite {
  readonly name: string;
  readonly before: Body[];
  readonly after: Body[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
}

let open: Suite[] = [];
let found: Collected[] = [];

function newSuite(name: string): Suite {
  return { name, before: [], after: [], beforeEach: [], afterEach: [] };
}

/** Loads a file, and returns its tests. */
export async function collect(load: () => Promise<unknown>): Promise<Collected[]> {
  open = [newSuite('')];
  found = [];
  await load();
  return found;
}

export function describe(name: string, body: () => void): void {
  open = [...open, newSuite(name)];
  body();
  open = open.slice(0, -1);
}

describe.each = (rows: readonly unknown[]) => eachOf(rows, describe);

/** Returns a function that registers its body once for each row, as `each` of Vitest does. */
function eachOf(rows: readonly unknown[], register: (name: string, body: () => unknown) => void) {
  return (name: string, body: (...args: unknown[]) => unknown): void => {
    for (const row of rows) {
      const args = Array.isArray(row) ? (row as unknown[]) : [row];
      register(nameOf(name, args), () => body(...args));
    }
  };
}

function lineOfCall(): number {
  const frame = (new Error().stack ?? '').split('\n').find((line) => line.includes('.test.ts'));
  return Number(/:(\d+):\d+\)?$/.exec(frame ?? '')?.[1] ?? 1) - 1;
}

function add(name: string, line: number, body: Body): void {
  const path = [...open.map((suite) => suite.name), name].filter((part) => part !== '').join(' > ');
  const same = found.filter((one) => one.name.replace(/ \(\d+\)$/, '') === path).length;
  found.push({ name: same === 0 ? path : `${path} (${same + 1})`, line, body, suites: open });
}

function test(name: string, ...rest: (Body | object)[]): void {
  const body = rest.find((one) => typeof one === 'function') as Body;
  add(name, lineOfCall(), body);
}

test.each = (rows: readonly unknown[]) => {
  const line = lineOfCall();
  return eachOf(rows, (name, body) => add(name, line, body));
};

/** The name of a row: `%s` is its next value, `$name` a property of it. */
function nameOf(name: string, args: readonly unknown[]): string {
  const rest = [...args];
  const [first] = args;
  return name
    .replaceAll(/%[a-z]/g, () => text(rest.shift()))
    .replaceAll(/\$(\w+)/g, (_all, key: string) => text(Reflect.get(Object(first), key)));
}

function text(value: unknown): string {
  return (typeof value === 'string' ? value : inspect(value, { depth: 1, breakLength: Infinity })).slice(0, 200);
}

export { test, test as it };

function innermost(): Suite {
  return open.at(-1) ?? newSuite('');
}

export function beforeAll(body: Body): void {
  innermost().before.push(body);
}

export function afterAll(body: Body): void {
  innermost().after.push(body);
}

export function beforeEach(body: Body): void {
  innermost().beforeEach.push(body);
}

export function afterEach(body: Body): void {
  innermost().afterEach.push(body);
}

expect.extend({
  // The real one needs a worker of Vitest. All of ours hold lists of texts, or texts.
  toMatchInlineSnapshot(received: unknown, expected: string) {
    const shown = Array.isArray(received)
      ? ['[', ...received.map((item) => `"${String(item)}",`), ']'].join('\n')
      : `"${String(received)}"`;
    return { pass: bare(shown) === bare(expected), message: () => `${shown} is not ${expected}` };
  },
});

function bare(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

export { expect, vi };
