import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { migrationsList } from '../database/migrations/index.ts';
import { type DomainNames, domainNames } from './new/names.ts';
import { registrations } from './new/registrations.ts';
import { type SkeletonFile, skeletonOf } from './new/skeleton.ts';
import type { CommandOutput } from './output.ts';

export const NEW_USAGE = `Usage: npm run new -- domain <name> [<plural>]

  domain     a new kind of data: schema, table, migration, service, resolvers and a test, for example
             "npm run new -- domain supplier". Names are one word in lower-case letters. Without a plural, the
             English one is used; a word that has none, such as "equipment", needs a plural of your choice.`;

/** Where a command works: the folder that holds package.json. */
export interface NewOutput extends CommandOutput {
  readonly project: string;
}

/** The `new` commands. Returns the exit code. */
export function newCommand(args: readonly string[], output: NewOutput): number {
  const [command, one = '', many] = args;
  const names = domainNames(one, many);
  if (command !== 'domain' || names === null || args.length > 3) {
    output.err(NEW_USAGE);
    return 2;
  }
  if (!existsSync(join(output.project, 'src'))) {
    output.err('This writes sources, and there are none here: run it in a clone of the repository.');
    return 1;
  }
  return newDomain(names, output);
}

function newDomain(names: DomainNames, { project, out, err }: NewOutput): number {
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
  const written = new Map(Object.entries(files).map(([file, path]) => [path, skeletonOf(file as SkeletonFile, names)]));
  const taken = [...written.keys()].filter((path) => existsSync(join(project, path)));
  if (taken.length > 0) {
    err(`There is a domain of this name: ${taken.join(', ')}. Nothing was written.`);
    return 1;
  }
  const changed = new Map(
    Object.entries(registrations).map(([path, register]) => {
      return [path, register(readFileSync(join(project, path), 'utf8'), names, migration)];
    }),
  );
  for (const [path, text] of [...written, ...changed]) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  out(`Written:\n${indented(written.keys())}\nNamed in:\n${indented(changed.keys())}`);
  out('Next: npm run format && npm run codegen');
  return 0;
}

function nextNumber(): string {
  const last = Math.max(...migrationsList.map(({ name }) => Number.parseInt(name, 10)));
  return String(last + 1).padStart(4, '0');
}

function indented(paths: Iterable<string>): string {
  return [...paths].map((path) => `  ${path}`).join('\n');
}
