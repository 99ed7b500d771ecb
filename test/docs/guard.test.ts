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

/** Adds the packages that a recipe, and the recipes that it imports, import. */
function addPackages(path: string, found: Set<string>): Set<string> {
  const text = readFileSync(`${ROOT}compat/${path}`, 'utf8');
  for (const [, specifier = ''] of text.matchAll(/(?:from|^import) '([^']+)'/gm)) {
    if (specifier.startsWith('./')) {
      addPackages(`recipes/${specifier.slice(2)}`, found);
    } else if (!specifier.startsWith('node:')) {
      found.add(/^(?:@[\w-]+\/)?\w[\w-]*/.exec(specifier)?.[0] ?? specifier);
    }
  }
  return found;
}

/** Returns the anchor that GitHub gives to a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** The page about migrating shows servers that its reader has already; the schema of the others has no server. */
const OTHER_INSTALLATION = /-(?:before|after)|migrated|data|users|recipes\/schema|subgraph-articles|gateway/;

const pages = globSync('docs/guard/*.md', { cwd: ROOT });
const shown = pages.flatMap(recipesIn);

describe('the pages of docs/guard', () => {
  it.each(shown)('the pages show %s as compat/ runs it', (path, code) => {
    expect(code).toBe(readFileSync(`${ROOT}compat/${path}`, 'utf8'));
  });

  it('the pages show every recipe', () => {
    const recipes = globSync('recipes/*.ts', { cwd: `${ROOT}compat` });
    const known = new Set(shown.map(([path]) => path));
    expect(recipes.filter((path) => !known.has(path))).toEqual([]);
  });

  it.each(shown.filter(([path]) => !OTHER_INSTALLATION.test(path)))('the pages install what %s imports', (path) => {
    const page = pages.find((name) => readFileSync(`${ROOT}${name}`, 'utf8').includes(`// ${path}\n`)) ?? '';
    const [before = ''] = readFileSync(`${ROOT}${page}`, 'utf8').split(`// ${path}\n`);
    const lines = [...before.slice(before.lastIndexOf('```sh\nnpm install')).matchAll(/^npm install (.+)$/gm)];
    const words = lines.flatMap(([, line = '']) => line.split(' '));
    const installed = new Set(words.map((word) => word.replace(/(?!^)@.*$/, '')));
    expect([...addPackages(path, new Set())].filter((name) => !installed.has(name))).toEqual([]);
  });

  it('the pages install the releases that compat/ runs', () => {
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

  it.each(pages.filter((page) => !/README|CHANGELOG|adopting/.test(page)))('the page %s lists its sections', (page) => {
    const text = readFileSync(`${ROOT}${page}`, 'utf8').replaceAll(/^```.*?^```/gms, '');
    const [contents = ''] = /^- \[[^]*?\n\n/m.exec(text) ?? [];
    const listed = Array.from(contents.matchAll(/^- \[(.*)\]\(#(.*)\)$/gm), ([, title, anchor]) => [title, anchor]);
    const titles = Array.from(text.matchAll(/^## (.+)$/gm), ([, title = '']) => [title, anchorOf(title)]);
    expect(listed).toEqual(titles);
  });

  it.each(pages)('the links of %s to sections lead to headings', (page) => {
    const text = readFileSync(`${ROOT}${page}`, 'utf8');
    const broken = [...text.matchAll(/\]\(([\w-]*(?:\.md)?)#([^)]+)\)/g)].filter(([, file = '', anchor = '']) => {
      const target = readFileSync(file === '' ? `${ROOT}${page}` : `${ROOT}docs/guard/${file}`, 'utf8');
      return ![...target.matchAll(/^#+ (.+)$/gm)].some(([, title = '']) => anchorOf(title) === anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});
