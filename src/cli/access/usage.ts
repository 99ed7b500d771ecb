import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { isSchema } from 'graphql';
import { nearestName } from '../../access/edit-distance.ts';
import {
  type Policy,
  type PolicyOptions,
  policyOf,
  type PolicySource,
  readPolicy,
  type RolePermissions,
} from '../../access/index.ts';
import type { CommandOutput } from '../output.ts';

/** The input of the commands about access. */
export interface AccessCommandInput extends CommandOutput {
  /** The schema that is served, guarded or not, or its type definitions. */
  readonly schema: PolicySource;
  /** The options with which the policy of a schema that is not guarded is read. */
  readonly options?: PolicyOptions | undefined;
  /** The path of the file with the reviewed matrix. */
  readonly matrixFile: string;
  /** The permissions that come with built-in roles; none if not set. */
  readonly rolePermissions?: RolePermissions | undefined;
  /** True if lists are printed in full, not only their first lines; false if not set. */
  readonly listsAll?: boolean | undefined;
  /** The usage text of the program; that of `npm run access` if not set. */
  readonly usage?: string | undefined;
  /** The command that updates the reviewed file; `npm run access -- matrix --write` if not set. */
  readonly keep?: string | undefined;
}

export const ACCESS_USAGE = `Usage: access <command>

  matrix [--format md|json|csv] [--write]
      prints which role may reach what; --write updates the reviewed file
  check
      compares that with the reviewed file
  explain <file> --as ROLE[,ROLE] [--permissions a,b] [--operation name] [--format text|json]
      prints which parts of an operation are allowed for a viewer, and what would allow the others
  schema --as ROLE[,ROLE] [--permissions a,b]
      prints the part of the schema that a viewer could reach
  types [--out FILE]
      prints the roles, permissions and coordinates as TypeScript unions

Every command takes --all, which lists all problems of the policy, not only the first 20.
ROLE is a role of the schema, "signed-in" (without a role), or "anonymous".`;

/** The words that say how to see a list in full. */
export const LISTS_ALL = 'The option --all lists all of them.';

/** A command line that cannot be understood. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The options of a command by name; those that were not supplied are undefined. */
export interface Options {
  readonly values: ReadonlyMap<string, string | true>;
  readonly positionals: readonly string[];
}

/**
 * Parses a command line.
 *
 * @throws UsageError on an unknown option, an option without its value, or too many arguments
 */
export function readOptions(args: readonly string[], options: ParseArgsOptionsConfig, words: number): Options {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const texts = Object.entries(values).map(
      ([name, value]) => [name, typeof value === 'string' ? value : true] as const,
    );
    if (positionals.length > words) {
      throw new UsageError(`Unexpected argument "${positionals[words]}".`);
    }
    return { values: new Map(texts), positionals };
  } catch (error) {
    throw misunderstood(error, Object.keys(options));
  }
}

/** The formats of the commands, which are easily taken for options. */
const FORMATS: ReadonlySet<string> = new Set(['csv', 'json', 'md', 'text']);

/** Returns the error for a command line that `parseArgs` has refused; another error as it is. */
export function misunderstood(error: unknown, options: readonly string[]): unknown {
  if (!(error instanceof TypeError)) {
    return error;
  }
  const [, name] = /^Unknown option '--([^']+)'/.exec(error.message) ?? [];
  if (name === undefined) {
    return new UsageError(error.message);
  }
  const meant = FORMATS.has(name) && options.includes('format') ? `format ${name}` : nearestName(name, options);
  const remedy = meant === undefined ? '' : ` Is --${meant} meant?`;
  return new UsageError(`Unknown option '--${name}'.${remedy}`);
}

/** Returns the value of an option, or null if it was not supplied. */
export function textOption({ values }: Options, name: string): string | null {
  const value = values.get(name);
  return typeof value === 'string' ? value : null;
}

/**
 * Returns the policy of the schema that the command works with.
 *
 * @throws PolicyError if it cannot be read
 */
export function policyFor(input: AccessCommandInput): Policy {
  const { schema, options } = input;
  const policy = policies.get(input) ?? (isSchema(schema) ? policyOf(schema) : null) ?? readPolicy(schema, options);
  policies.set(input, policy);
  return policy;
}

/** The policy of each command that runs: reading that of a large schema takes seconds. */
const policies = new WeakMap<AccessCommandInput, Policy>();
