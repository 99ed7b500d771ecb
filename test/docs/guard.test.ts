import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;

/** The blocks of a page that show a recipe: its path in `compat/`, and the code. */
function recipesIn(page: string): [path: string, code: string][] {
  const text = readFileSync(`${ROOT}${page}`, 'utf8');
  return Array.from(text.matchAll(/```ts\n\/\/ (recipes\/\S+)\n(.*?)```/gs), ([, path = '', code = '']) => [
    path,
    code,
  ]);
}

const pages = globSync('docs/guard/*.md', { cwd: ROOT });
const shown = pages.flatMap(recipesIn);

describe('the pages of docs/guard', () => {
  it.each(shown)('show %s as compat/ runs it', (path, code) => {
    expect(code).toBe(readFileSync(`${ROOT}compat/${path}`, 'utf8'));
  });

  it('show every recipe', () => {
    const recipes = globSync('recipes/*.ts', { cwd: `${ROOT}compat` });
    const known = new Set(shown.map(([path]) => path));
    expect(recipes.filter((path) => !known.has(path))).toEqual([]);
  });
});
