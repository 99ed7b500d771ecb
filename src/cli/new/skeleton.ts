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
