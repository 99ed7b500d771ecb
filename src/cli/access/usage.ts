import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { GraphQLSchema } from 'graphql';
import { type Policy, policyOf, readPolicy, type RolePermissions } from '../../access/index.ts';
import type { CommandOutput } from '../output.ts';

/** What the commands about access work with. */
export interface AccessCommandInput extends CommandOutput {
  /** The schema that is served, guarded or not. */
  readonly schema: GraphQLSchema;
  /** Where the reviewed matrix is kept. */
  readonly matrixFile: string;
  /** The permissions that come with built-in roles; none without it. */
  readonly rolePermissions?: RolePermissions | undefined;
}

export const ACCESS_USAGE = `Usage: access <command>

  matrix [--format md|json|csv] [--write]
      who may reach what; --write keeps it as the reviewed file
  check
      whether that has changed since it was reviewed
  explain <file> --as ROLE[,ROLE] [--permissions a,b] [--operation name]
      which parts of an operation are open to such a viewer, and what would open the others
  schema --as ROLE[,ROLE] [--permissions a,b]
      the part of the schema that such a viewer could reach

ROLE is a role of the schema, or "anonymous".`;

/** A command line that is not understood. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A command's options by name; those that were not given are undefined. */
export interface Options {
  readonly values: ReadonlyMap<string, string | true>;
  readonly positionals: readonly string[];
}

/**
 * Takes a command line apart.
 *
 * @throws UsageError on an option that the command does not have, without a value, or on too many words
 */
export function readOptions(args: readonly string[], options: ParseArgsOptionsConfig, words: number): Options {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const texts = Object.entries(values).map(
      ([name, value]) => [name, typeof value === 'string' ? value : true] as const,
    );
    if (positionals.length > words) {
      throw new UsageError(`What is "${positionals[words]}"?`);
    }
    return { values: new Map(texts), positionals };
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

/** The value of an option, or null if it was not given. */
export function textOption({ values }: Options, name: string): string | null {
  const value = values.get(name);
  return typeof value === 'string' ? value : null;
}

/**
 * The policy of the schema that the command works with.
 *
 * @throws PolicyError if it cannot be read
 */
export function policyFor({ schema }: AccessCommandInput): Policy {
  return policyOf(schema) ?? readPolicy(schema);
}
