import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { VARIABLES } from '../src/config/config.ts';
import { entities } from '../src/database/entities/index.ts';
import { tableRequirements } from '../src/database/table-rights.ts';

const ROOT = new URL('../', import.meta.url);
const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: fileURLToPath(ROOT) });
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

describe.each(pages)('%s', (page) => {
  const text = textOf(page);

  it('every link leads to an existing file', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target = '']) => target);
    const broken = links.filter(
      (target) => !/^https?:/.test(target) && !existsSync(new URL(target, new URL(page, ROOT))),
    );
    expect(broken).toEqual([]);
  });

  it('every script that is named exists', () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('every source file that is named exists; a tutorial also names those that its reader writes, a decision those of its time', () => {
    const isExempt = /^docs\/(?:[^/]+|decisions\/\d+.*)$/.test(page);
    const named = [...text.matchAll(/`((?:src|test|schema|bin)\/[\w./-]+\.(?:ts|graphql|md))`/g)];
    const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(new URL(path, ROOT)));
    expect(isExempt ? [] : missing).toEqual([]);
  });
});

describe('README.md', () => {
  it('README.md has a row for every variable of the configuration, and for no other', () => {
    const [, table = ''] = /## Configuration(.*?)\n## /s.exec(textOf('README.md')) ?? [];
    const rows = table.split('\n').filter((line) => /^\| *\**`/.test(line));
    const named = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[A-Z][A-Z_]+/g) ?? []);
    expect(named.toSorted()).toEqual(VARIABLES.toSorted());
  });

  it('README.md shows the harness as it is', () => {
    const [, example = ''] = /```ts\n(const \{ accounts \}.*?)```/s.exec(textOf('README.md')) ?? [];
    const harness = textOf('test/harness.test.ts').replaceAll(/^ +/gm, '');
    expect(example.split('\n')).toHaveLength(4);
    expect(harness).toContain(example);
  });
});

describe('docs/architecture.md', () => {
  it('docs/architecture.md says which rows of each table viewers reach by SQL', () => {
    const [, section = ''] = /## Row-level security, table by table(.*)/s.exec(textOf('docs/architecture.md')) ?? [];
    const missing = entities.map(({ meta }) => meta.tableName).filter((table) => !section.includes(`\`${table}\``));
    expect(missing.filter((table) => !(table in tableRequirements))).toEqual([]);
  });
});

describe('docs/decisions/README.md', () => {
  it('docs/decisions/README.md has a row for every decision, in their order', () => {
    const rows = [...textOf('docs/decisions/README.md').matchAll(/^\| \[\d{4}\]\(([^)]+)\)/gm)].map(([, file]) => file);
    const files = globSync('docs/decisions/[0-9]*.md', { cwd: fileURLToPath(ROOT) });
    expect(rows).toEqual(files.map((path) => path.slice(path.lastIndexOf('/') + 1)).toSorted());
  });

  it('docs/decisions/README.md says which pages are superseded, as these and the later pages do', () => {
    const superseded: string[] = [];
    const superseding: string[] = [];
    for (const path of globSync('docs/decisions/[0-9]*.md', { cwd: fileURLToPath(ROOT) })) {
      const page = path.slice('docs/decisions/'.length).slice(0, 4);
      const [head = ''] = textOf(path).split(/^(?:## |\*\*Context)/m);
      for (const { index, 1: other } of head.matchAll(/\[(\d{4})\]\(/g)) {
        const verb = head
          .slice(0, index)
          .match(/supersede[ds]/gi)
          ?.at(-1)
          ?.toLowerCase();
        if (verb === 'supersedes') {
          superseding.push(`${other} by ${page}`);
        } else if (verb === 'superseded') {
          superseded.push(`${page} by ${other}`);
        }
      }
    }
    const rows = [
      ...textOf('docs/decisions/README.md').matchAll(/^\| \[(\d{4})\].* by (\d{4}(?:(?:, | and )\d{4})*) *\|$/gm),
    ];
    const listed = rows.flatMap(([, page, by = '']) => by.split(/, | and /).map((other) => `${page} by ${other}`));
    expect(listed.toSorted()).toEqual(superseded.toSorted());
    expect(superseding.filter((pair) => !superseded.includes(pair))).toEqual([]);
  });
});
