import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The files whose language is checked: all sources but the generated ones, those of the console too, and the schema. */
const CHECKED = ['schema/**/*.graphql', 'src/**/*.{ts,js,html}', 'console/src/**/*.{ts,tsx}'];

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string) => ({ path, text: readFileSync(`${ROOT}${path}`, 'utf8') });
const files = globSync(CHECKED, { cwd: ROOT, exclude: ['src/generated/**', 'console/src/generated/**'] }).map(read);

/** The tests, benches, proofs and tools, whose comments are checked as those of the sources. */
const tools = globSync(['{test,bench,proof,bin,examples}/**/*.{ts,mjs}', 'compat/{test,recipes}/*.ts', 'compat/*.ts'], {
  cwd: ROOT,
  exclude: ['**/{generated,node_modules}/**'],
}).map(read);

/** The pages, without their code, and the titles of the tests. */
const pages = globSync(['*.md', 'docs/*.md', 'docs/guard/*.md'], { cwd: ROOT })
  .map(read)
  .map(({ path, text }) => ({ path, text: text.replaceAll(/^```.*?^```|`[^`\n]*`/gms, '') }));
const titles = globSync('test/**/*.test.ts', { cwd: ROOT })
  .map(read)
  .map(({ path, text }) => ({ path, text: [...text.matchAll(/^ *(?:it|test|describe)\b.*/gm)].join('\n') }));

/** Returns the places of a pattern, as `file:line text`. */
function places(pattern: RegExp, inFiles = files): string[] {
  return inFiles.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : [])),
  );
}

/** The first words of every docstring and of every description in the schema. */
const openings = [...files, ...tools].flatMap(({ path, text }) => {
  const docstring = path.endsWith('.graphql') ? /^\s*"{1,3}\s*([A-Za-z][^\n]*)/gm : /\/\*\*[\s*]*([^\n]*)/g;
  return [...text.matchAll(docstring)].map(([, opening = '']) => ({ path, opening }));
});

describe('the language of sources, schema, pages and tests', () => {
  it('every text names the actor: a viewer, client, caller, operator or administrator', () => {
    const unnamed = /\b(?:nobody|somebody|anybody|whoever)\b/i;
    expect(places(unnamed)).toEqual([]);
    expect(pages.length).toBeGreaterThan(20);
    expect(titles.length).toBeGreaterThan(150);
    expect(places(unnamed, [...pages, ...titles])).toEqual([]);
    expect(tools.length).toBeGreaterThan(300);
    expect(places(/^ *(?:\/\/|\/?\*).*\b(?:no|some|any|every)body\b/i, tools)).toEqual([]);
  });

  it('no text uses a private word where the field has one', () => {
    expect(places(/\banew\b|\bmend(?:s|ed|ing)?\b|\blets? .* come to (?:their|its) end\b|\bthe own\b/i)).toEqual([]);
  });

  it('a noun is denied with "not a"', () => {
    const denied =
      /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|such\b|different\b|better\b|worse\b|less\b)[a-z]/i;
    expect(denied.test('a value that is no id') && !denied.test('There is no id')).toBe(true);
    expect(places(denied)).toEqual([]);
    expect(places(denied, [...pages, ...titles])).toEqual([]);
  });

  it('amounts have a unit, and errors say what is wrong', () => {
    expect(
      places(/\bso many (?:milli)?(?:seconds|times|bytes)\b|\bno good\b|\bnot what (?:it|they) should be\b/i),
    ).toEqual([]);
    expect(places(/\bno good\b|\bnot what (?:it|they) should be\b|\bthe own\b/i, titles)).toEqual([]);
  });

  it('no text refers to a page outside of the repository', () => {
    expect(places(/\bdesign(?:'s|’s)? §/i)).toEqual([]);
  });

  it('docstrings open with a verb or a noun', () => {
    const questions = openings.filter(({ opening }) =>
      /^(?:What|Whether|Who|Whoever|Whom|Whose|Why|How|Of|So)\b/.test(opening),
    );
    const share = questions.length / openings.length;
    expect(openings.length).toBeGreaterThan(50);
    expect(share, questions.map(({ path, opening }) => `${path}: ${opening}`).join('\n')).toBeLessThan(0.05);
  });
});
