import { readFileSync } from 'node:fs';
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

const PLACEHOLDER = /__(one|many|Types?)__/g;

/** A file of the skeleton, with the names of a domain in the places of `__one__`, `__many__`, `__Type__` and `__Types__`. */
export function skeletonOf(file: SkeletonFile, { one, many, type, types }: DomainNames): string {
  const names: Readonly<Record<string, string>> = { one, many, Type: type, Types: types };
  const text = readFileSync(new URL(`skeleton/${file}.txt`, import.meta.url), 'utf8');
  return text.replaceAll(PLACEHOLDER, (placeholder, name: string) => names[name] ?? placeholder);
}
