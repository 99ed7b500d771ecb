import { readFileSync } from 'node:fs';
import { columnsOf, type DomainField, FIELD_LINES, inputOf } from './fields.ts';
import type { DomainNames } from './names.ts';

/** The files that a domain consists of, as they stand in `skeleton/`. */
export type SkeletonFile =
  | 'schema.graphql'
  | 'entity.ts'
  | 'migration.ts'
  | 'service.ts'
  | 'resolvers.ts'
  | 'page.graphql'
  | 'page.tsx'
  | 'access.test.ts';

const PLACEHOLDER = /__(one|many|Types?|columns|input)__/g;

/**
 * Returns a file of the skeleton, with the names of a domain in the places of `__one__`, `__many__`, `__Type__` and
 * `__Types__`, and with the lines of its fields.
 */
export function skeletonOf(file: SkeletonFile, names: DomainNames, fields: readonly DomainField[] = []): string {
  const { one, many, type, types } = names;
  const words: Readonly<Record<string, string>> = {
    one,
    many,
    Type: type,
    Types: types,
    columns: columnsOf(fields),
    input: inputOf(fields),
  };
  const text = readFileSync(new URL(`skeleton/${file}.txt`, import.meta.url), 'utf8');
  return text
    .replaceAll(/^( *)__fields:(\w+)__\n/gm, (_line, indent: string, place: string) =>
      fields.map((field) => `${indent}${FIELD_LINES[place]?.(field, names) ?? ''}\n`).join(''),
    )
    .replaceAll(PLACEHOLDER, (placeholder, name: string) => words[name] ?? placeholder);
}

const STATEMENTS = ['select', 'insert', 'update', 'delete'];

/** The files in which a new domain has to be named, and how each reads once it is. */
export const registrations: Readonly<Record<string, (text: string, names: DomainNames, migration: string) => string>> =
  {
    'src/database/entities/index.ts': (text, { one, type }) => {
      const imported = behindLast(/^import .*$/gm, text, importOf(`${type}Entity`, `./${one}.ts`));
      const exported = behindLast(/^export \* from .*$/gm, imported, `export * ${from(`./${one}.ts`)}`);
      return beforeLast('\n];', exported, `\n  ${type}Entity,`);
    },
    'src/database/migrations/index.ts': (text, { types }, migration) => {
      const imported = behindLast(/^import .*$/gm, text, importOf(types, `./${migration}.ts`));
      return beforeLast('];', imported, `  { name: '${migration}', class: ${types} },\n`);
    },
    'src/database/table-rights.ts': (text, { many }) => {
      const rights = STATEMENTS.map((statement) => {
        const role = statement === 'select' ? 'STANDARD' : 'MANAGER';
        return `    ${statement}: { role: '${role}' },\n`;
      });
      return beforeLast('};', text.replace('= {};', '= {\n};'), `  ${many}: {\n${rights.join('')}  },\n`);
    },
    'src/schema.ts': (text, { one, many }) => {
      const line = importOf(`${one}Resolvers`, `./modules/${many}/resolvers.ts`);
      const imported = behindLast(/^import .*resolvers\.ts';$/gm, text, line);
      return behindLast(/^ +\w+Resolvers,$/gm, imported, `      ${one}Resolvers,`);
    },
    'src/database/events/actions.ts': (text, { one }) => {
      const told = behindLast(
        /^ {2}'\w+\.\w+',$/gm,
        text,
        ['created', 'updated', 'deleted'].map((verb) => `  '${one}.${verb}',`).join('\n'),
      );
      return behindLast(/^ {2}'\w+',$/gm, told, `  '${one}',`);
    },
    'codegen.yml': (text, { many, type }) => {
      const mapper = `        ${type}: ../database/entities/index.ts#${type}`;
      const lines = `${mapper}\n        ${type}Connection: ../modules/${many}/service.ts#${type}Connection`;
      return behindLast(/^ {6}mappers:$/gm, text, lines);
    },
  };

function importOf(name: string, path: string): string {
  return `import { ${name} } ${from(path)}`;
}

function from(path: string): string {
  return `from '${path}';`;
}

function behindLast(pattern: RegExp, text: string, line: string): string {
  const last = [...text.matchAll(pattern)].at(-1);
  if (last === undefined) {
    throw new Error(`Nothing here looks like ${String(pattern)}: write "${line.trim()}" where it belongs by hand`);
  }
  const end = last.index + last[0].length;
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}

function beforeLast(what: string, text: string, line: string): string {
  const at = text.lastIndexOf(what);
  return `${text.slice(0, at)}${line}${text.slice(at)}`;
}
