import { globSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isSchema } from 'graphql';
import { authTypeDefsFor, type PolicySource } from '../../access/index.ts';
import { accessCommand } from '../access.ts';
import type { CommandOutput } from '../output.ts';
import { UsageError } from './usage.ts';

const USAGE = `Usage: rolegate <command> <schema> [options]

  matrix <schema> [--format md|json|csv] [--write] [--matrix-file FILE]
      prints which role may reach what; --write updates the reviewed file (ACCESS.md)
  check <schema> [--matrix-file FILE]
      compares that with the reviewed file, and fails if access has changed
  explain <schema> <file> --as ROLE[,ROLE] [--permissions a,b] [--operation name]
      prints which parts of an operation are allowed for a viewer, and what would allow the others
  schema <schema> --as ROLE[,ROLE] [--permissions a,b]
      prints the part of the schema that a viewer could reach
  types <schema> [--out FILE]
      prints the roles, permissions and coordinates as TypeScript unions

<schema> is an SDL file, a folder or a quoted pattern of SDL files, or a module that exports a GraphQLSchema as "schema" or
by default. ROLE is a role of the schema, or "anonymous". Every command takes --role-enum NAME if the enum of roles is
not called Role.`;

/**
 * Runs the command line of the package, `rolegate <command> <schema>`.
 *
 * @returns the exit code. 0: done. 1: access has changed, or the schema, the policy or an operation is not valid. 2: the
 *   command line cannot be understood
 */
export async function packageCommand(args: readonly string[], output: CommandOutput): Promise<number> {
  const rest = [...args];
  const matrixFile = takeOption(rest, '--matrix-file') ?? 'ACCESS.md';
  const roleEnum = takeOption(rest, '--role-enum');
  const [command, source, ...others] = rest;
  if (command === undefined || source === undefined || source.startsWith('-')) {
    const isHelp = command === undefined || command === 'help' || rest.some((word) => /^(?:-h|--help)$/.test(word));
    output.err(isHelp ? USAGE : `Name the schema.\n\n${USAGE}`);
    return isHelp && command !== undefined ? 0 : 2;
  }
  try {
    const schema = await loadSource(source, roleEnum);
    const program = { usage: USAGE, keep: `rolegate matrix ${source} --write` };
    return await accessCommand([command, ...others], { ...output, ...program, schema, matrixFile, roleEnum });
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(error.message);
      return 1;
    }
    throw error;
  }
}

/** Removes an option and its value from a command line, and returns the value. */
function takeOption(args: string[], name: string): string | undefined {
  const index = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (index === -1) {
    return undefined;
  }
  const [option = ''] = args.splice(index, 1);
  return option === name ? args.splice(index, 1)[0] : option.slice(name.length + 1);
}

/**
 * Loads the schema that a path names.
 *
 * @throws UsageError if there is none
 */
async function loadSource(source: string, roleEnum: string | undefined): Promise<PolicySource> {
  if (/\.[cm]?[jt]sx?$/.test(source)) {
    const { href } = pathToFileURL(resolve(source));
    return schemaOf((await import(href)) as object, source);
  }
  const isFolder = statSync(source, { throwIfNoEntry: false })?.isDirectory() === true;
  const files = globSync(isFolder ? join(source, '**/*.{graphql,graphqls,gql}') : source).toSorted();
  if (files.length === 0) {
    throw new UsageError(`There is no schema at ${source}.`);
  }
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const isDeclared = texts.some((text) => /directive\s+@auth\b/.test(text));
  return isDeclared ? texts : [directivesFor(texts, roleEnum ?? 'Role'), ...texts];
}

/**
 * Returns the directives for type definitions that declare none. A schema without roles has no enum of them: then its
 * requirements are permissions, owners and policies.
 *
 * @throws UsageError if roles are required and their enum is missing
 */
function directivesFor(texts: readonly string[], roleEnum: string): string {
  const directives = authTypeDefsFor(roleEnum);
  const hasRoles = texts.some((text) => new RegExp(`\\benum\\s+${roleEnum}\\b`).test(text));
  if (hasRoles) {
    return directives;
  }
  if (texts.some((text) => /@auth\s*\([^)]*\brequires\s*:/.test(text))) {
    throw new UsageError(
      `The schema requires roles, and has no enum "${roleEnum}" of them: declare one, for example ` +
        `"enum ${roleEnum} { ADMIN }", or name yours with --role-enum.`,
    );
  }
  return directives.replace(`[${roleEnum}!]`, '[String!]');
}

function schemaOf(module: object, source: string): PolicySource {
  const exported = new Map<string, unknown>(Object.entries(module));
  const inner = exported.get('default');
  const candidates = [exported.get('schema'), inner, isObject(inner) && 'schema' in inner ? inner.schema : undefined];
  const schema = candidates.find(isSchema);
  if (schema === undefined) {
    throw new UsageError(`${source} exports no GraphQLSchema as "schema" or by default.`);
  }
  return schema;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
