import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { PolicyOptions } from '../../access/index.ts';
import { accessCommand } from '../access.ts';
import type { CommandOutput } from '../output.ts';
import { loadSchema, SchemaFailure } from './load-schema.ts';
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

<schema> is SDL: files, folders, quoted patterns, or "-" for standard input. Or it is one module that exports a GraphQLSchema,
or a promise of it, as "schema" or by default. ROLE is a role of the schema, or "anonymous".

A guarded schema brings its own options. For any other, every command takes the options of guardSchema:
  --role-enum NAME              the enum of roles, if it is not called Role
  --undecided report|deny       undecided fields do not fail; the matrix lists them
  --denial reject               fields that may be denied need not be nullable
  --directives auth=access      other names of the directives
  --ignore-directives read,tag  directives that are not taken for misspelt ones`;

/** The options of every command: those of `guardSchema` that decide what the policy of an SDL file is. */
const POLICY_OPTIONS = {
  'role-enum': { type: 'string' },
  undecided: { type: 'string' },
  denial: { type: 'string' },
  directives: { type: 'string' },
  'ignore-directives': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** The options that are read here, and not by a command. */
const OWN_OPTIONS = {
  ...POLICY_OPTIONS,
  'matrix-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

/** The options that the commands read, which tell their values from the names of files. */
const COMMAND_OPTIONS = {
  format: { type: 'string' },
  write: { type: 'boolean' },
  as: { type: 'string' },
  permissions: { type: 'string' },
  operation: { type: 'string' },
  out: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/**
 * Runs the command line of the package, `rolegate <command> <schema>`.
 *
 * @returns the exit code. 0: done. 1: access has changed, or the schema, the policy or an operation is not valid. 2: the
 *   command line cannot be understood
 */
export async function packageCommand(args: readonly string[], output: CommandOutput): Promise<number> {
  try {
    return await run(readLine(args), output);
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`${error.message}\n\n${USAGE}`);
      return 2;
    }
    if (error instanceof SchemaFailure) {
      output.err(error.message);
      return 1;
    }
    throw error;
  }
}

async function run({ words, own, rest }: Line, output: CommandOutput): Promise<number> {
  const [command, ...names] = words;
  if (own.help === true || command === 'help') {
    output.out(USAGE);
    return 0;
  }
  const files = command === 'explain' ? names.splice(1).slice(-1) : [];
  if (command === undefined || names.length === 0) {
    throw new UsageError(command === undefined ? 'Name a command.' : 'Name the schema.');
  }
  const options = policyOptions(own);
  const schema = await loadSchema(names, options);
  const matrixFile = own['matrix-file'] ?? 'ACCESS.md';
  const program = { usage: USAGE, keep: keepCommand(names, own) };
  return accessCommand([command, ...files, ...rest], { ...output, ...program, schema, matrixFile, options });
}

/** A command line: its words, the options that are read here, and the others as they were written. */
interface Line {
  readonly words: readonly string[];
  readonly own: {
    readonly [name in keyof typeof POLICY_OPTIONS | 'matrix-file']?: string | undefined;
  } & { readonly help?: boolean | undefined };
  readonly rest: readonly string[];
}

function readLine(args: readonly string[]): Line {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options: { ...OWN_OPTIONS, ...COMMAND_OPTIONS },
      allowPositionals: true,
      tokens: true,
    });
    const rest = tokens.flatMap((token) => {
      if (token.kind !== 'option' || Object.hasOwn(OWN_OPTIONS, token.name)) {
        return [];
      }
      return [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`];
    });
    return { words: positionals, own: values, rest };
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

function policyOptions(own: Line['own']): PolicyOptions {
  const { undecided, denial } = own;
  if (undecided !== undefined && undecided !== 'refuse' && undecided !== 'report' && undecided !== 'deny') {
    throw new UsageError('--undecided is refuse, report or deny.');
  }
  if (denial !== undefined && denial !== 'null' && denial !== 'reject') {
    throw new UsageError('--denial is null or reject.');
  }
  const pairs = listOf(own.directives).map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(''))) {
    throw new UsageError('--directives is a list of names and the names in your schema: auth=access,public=open.');
  }
  return {
    roleEnum: own['role-enum'],
    undecided,
    denial,
    directives: Object.fromEntries(pairs) as Record<string, string>,
    ignoreDirectives: listOf(own['ignore-directives']),
  };
}

function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Returns the command that updates the reviewed file of the same schema with the same options. */
function keepCommand(names: readonly string[], own: Line['own']): string {
  const options = Object.entries(own).map(([name, value]) => `--${name}=${value}`);
  const words = ['matrix', ...names, '--write', ...options];
  return ['rolegate', ...words.map((word) => (/^[\w./=,:@-]+$/.test(word) ? word : `'${word}'`))].join(' ');
}
