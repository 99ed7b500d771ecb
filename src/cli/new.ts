import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import pluralize from 'pluralize';
import { migrationsList } from '../database/migrations/index.ts';
import { readPolicy } from '../access/index.ts';
import { loadTypeDefs } from '../schema.ts';
import { collisionsOf, type DomainNames, domainNames, problemOfNames } from './new/names.ts';
import { type DomainField, readFields, registrations, type SkeletonFile, skeletonOf } from './new/skeleton.ts';
import type { CommandOutput } from './output.ts';

export const NEW_USAGE = `Usage: npm run new -- domain <name> [--plural <word>] [--field <name>:<type>[!][@<ROLE>]]…

  domain     a new kind of data: schema, table, migration, service, resolvers, a page of the console and a test, for
             example "npm run new -- domain supplier". A name is one word in lower-case letters. Without --plural, the
             English one is used; a word that has none, such as "equipment", needs one of your choice.
             --field adds a field of the type String, Int, Float, Boolean or DateTime; "!" makes it mandatory, and a
             role makes it readable and writable only for that role: --field "terms:String@MANAGER".`;

/** Where a command works: the folder that holds package.json. */
export interface NewOutput extends CommandOutput {
  readonly project: string;
}

/** Runs the `new` commands. Returns the exit code: 0 done, 1 refused, 2 usage error. Only 0 has written anything. */
export function newCommand(args: readonly string[], output: NewOutput): number {
  const wanted = readArguments(args);
  if ('problem' in wanted) {
    output.err(`${wanted.problem}\n\n${NEW_USAGE}`);
    return 2;
  }
  if (!existsSync(join(output.project, 'src'))) {
    output.err('This command writes source files, and there are none here: run it in a clone of the repository.');
    return 1;
  }
  return newDomain(wanted, output);
}

interface Wanted {
  readonly names: DomainNames;
  readonly fields: readonly DomainField[];
}

function readArguments(args: readonly string[]): Wanted | { readonly problem: string } {
  try {
    const options = { plural: { type: 'string' }, field: { type: 'string', multiple: true } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [command, one = '', second, ...rest] = positionals;
    if (command !== 'domain') {
      return { problem: command === undefined ? 'A command is missing.' : `There is no command "${command}".` };
    }
    const many = values.plural ?? second;
    if (rest.length > 0 || (second !== undefined && (values.plural !== undefined || !isPluralOf(second, one)))) {
      const words = [one, second, ...rest].join(' ');
      return { problem: `A name is one word: "${words}" are several. A plural of your choice follows --plural.` };
    }
    const names = domainNames(one, many);
    if (names === null) {
      return { problem: problemOfNames(one, many) ?? '' };
    }
    const fields = readFields(values.field ?? [], [...readPolicy(loadTypeDefs()).roles.keys()]);
    return 'problem' in fields ? fields : { names, fields };
  } catch (error) {
    if (error instanceof TypeError) {
      return { problem: error.message };
    }
    throw error;
  }
}

/** Returns true for the plural that the command takes without an option, as it did in earlier releases. */
function isPluralOf(word: string, one: string): boolean {
  return word === one || pluralize.singular(word) === one;
}

function newDomain({ names, fields }: Wanted, { project, out, err }: NewOutput): number {
  const migration = `${nextNumber()}-${names.many}`;
  const { one, many } = names;
  const files: Readonly<Record<SkeletonFile, string>> = {
    'schema.graphql': `schema/${many}.graphql`,
    'entity.ts': `src/database/entities/${one}.ts`,
    'migration.ts': `src/database/migrations/${migration}.ts`,
    'service.ts': `src/modules/${many}/service.ts`,
    'resolvers.ts': `src/modules/${many}/resolvers.ts`,
    'page.graphql': `console/src/resources/${many}.graphql`,
    'page.tsx': `console/src/resources/${many}.tsx`,
    'access.test.ts': `test/modules/${many}/${many}.test.ts`,
  };
  const written = new Map(
    Object.entries(files).map(([file, path]) => [path, skeletonOf(file as SkeletonFile, names, fields)]),
  );
  const taken = [...written.keys()].filter((path) => existsSync(join(project, path)));
  if (taken.length > 0) {
    err(`There is a domain of this name: ${taken.join(', ')}. Nothing was written.`);
    return 1;
  }
  const listings = new Map(
    Object.keys(registrations).map((path) => [path, readFileSync(join(project, path), 'utf8')] as const),
  );
  const collisions = collisionsOf(names, listings);
  if (collisions.length > 0) {
    err(`"${one}" cannot name a domain, because these exist: ${collisions.join(', ')}. Nothing was written.`);
    return 1;
  }
  const changed = new Map(
    Object.entries(registrations).map(([path, register]) => {
      return [path, register(listings.get(path) ?? '', names, migration)];
    }),
  );
  writeAll(project, new Map([...written, ...changed]), listings);
  out(`Written:\n${indented(written.keys())}\nNamed in:\n${indented(changed.keys())}`);
  out('Next: npm run format && npm run codegen && npm run access -- matrix --write');
  return 0;
}

/**
 * Writes all files, or none.
 *
 * @param before the texts of those that exist, which are restored if a file cannot be written
 */
function writeAll(project: string, files: ReadonlyMap<string, string>, before: ReadonlyMap<string, string>): void {
  const folders: string[] = [];
  const begun: string[] = [];
  try {
    for (const [path, text] of files) {
      const folder = mkdirSync(dirname(join(project, path)), { recursive: true });
      folders.push(...(folder === undefined ? [] : [folder]));
      begun.push(path);
      writeFileSync(join(project, path), text);
    }
  } catch (error) {
    for (const path of begun) {
      const text = before.get(path);
      if (text === undefined) {
        rmSync(join(project, path), { force: true });
      } else {
        writeFileSync(join(project, path), text);
      }
    }
    folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
    throw error;
  }
}

function nextNumber(): string {
  const last = Math.max(...migrationsList.map(({ name }) => Number.parseInt(name, 10)));
  return String(last + 1).padStart(4, '0');
}

function indented(paths: Iterable<string>): string {
  return [...paths].map((path) => `  ${path}`).join('\n');
}
