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

  it('install what compat/ runs them with', () => {
    const manifest = JSON.parse(readFileSync(`${ROOT}compat/package.json`, 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const versions = new Map(Object.entries(manifest.dependencies));
    const texts = pages.map((page) => readFileSync(`${ROOT}${page}`, 'utf8'));
    const lines = texts.flatMap((text) =>
      Array.from(text.matchAll(/npm install ([^`\n]+)/g), ([, words = '']) => words),
    );
    const packages = lines.flatMap((words) => words.split(' ')).filter((word) => word !== 'rolegate');
    const other = packages.filter((word) => {
      const [, name = '', version = ''] = /^(@?[^@]+)(?:@(.+))?$/.exec(word) ?? [];
      return versions.get(name)?.startsWith(version) !== true;
    });
    expect(packages.length).toBeGreaterThan(20);
    expect(other).toEqual([]);
  });
});
