import { readFileSync } from 'node:fs';

/** Something that a page tells its reader to do. */
export type Step =
  | { readonly kind: 'run'; readonly commands: string; readonly prints: unknown }
  | { readonly kind: 'edit'; readonly path: string; readonly before: string; readonly after: string };

const BLOCK = /^```(\w+)\n(.*?)^```$/gms;
const FILE = /^`([^`]+)`:$/gm;

/**
 * The steps of a page, in its order: shell blocks, with the JSON that is shown behind them, and changes of files, which
 * are named in a line of their own before them.
 */
export function stepsOf(page: URL): Step[] {
  const text = readFileSync(page, 'utf8');
  const files = [...text.matchAll(FILE)];
  const blocks = [...text.matchAll(BLOCK)].map(({ 1: language = '', 2: body = '', index }) => {
    const [, path = ''] = files.findLast((file) => file.index < index) ?? [];
    return { language, body, path };
  });
  return blocks.flatMap(({ language, body, path }, index): Step[] => {
    if (language === 'diff') {
      return [{ kind: 'edit', path, ...sidesOf(body) }];
    }
    const next = blocks[index + 1];
    const prints: unknown = next?.language === 'json' ? JSON.parse(next.body) : null;
    return language === 'sh' ? [{ kind: 'run', commands: body, prints }] : [];
  });
}

/** Returns the lines that a change looks for, and those that replace them. */
function sidesOf(diff: string): { readonly before: string; readonly after: string } {
  const lines = diff.split('\n').slice(0, -1);
  const side = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(sign) || !/^[+-]/.test(line))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  return { before: side('-'), after: side('+') };
}
