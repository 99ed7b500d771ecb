import { isSchema } from 'graphql';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { PolicyError, policyOf, type PolicyOptions } from '../../access/index.ts';
import { accessCommand, wordsOf } from '../access.ts';
import { type CommandOutput, FileFailure } from '../output.ts';
import { loadSchema, SchemaFailure } from './load-schema.ts';
import { COMMAND_NAMES, commandsWith, helpFor, usageFor } from './package-usage.ts';
import { nearestName } from '../../access/edit-distance.ts';
import { loadRolePermissions } from './role-permissions.ts';
import { misunderstood, UsageError } from './usage.ts';

/** The options of every command: those of `guardSchema` that decide what the policy of an SDL file is. */
const POLICY_OPTIONS = {
  'role-enum': { type: 'string' },
  undecided: { type: 'string' },
  denial: { type: 'string' },
  directives: { type: 'string' },
  'ignore-directives': { type: 'string' },
  inherits: { type: 'string' },
  enforcement: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** The options that are read here, and not by a command. */
const OWN_OPTIONS = {
  ...POLICY_OPTIONS,
  'matrix-file': { type: 'string' },
  'role-permissions': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const satisfies ParseArgsOptionsConfig;

/** The options that the commands read, which tell their values from the names of files. */
const COMMAND_OPTIONS = {
  format: { type: 'string' },
  write: { type: 'boolean' },
  as: { type: 'string' },
  permissions: { type: 'string' },
  operation: { type: 'string' },
  out: { type: 'string' },
  all: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

/** The output of the command line, and the version of the package. */
export interface PackageOutput extends CommandOutput {
  readonly version: () => string;
}

/**
 * Runs the command line of the package, `rolegate <command> <schema>`.
 *
 * @returns the exit code. 0: done. 1: access has changed, or the schema, the policy or an operation is not valid. 2: the
 *   command line cannot be understood
 */
export async function packageCommand(args: readonly string[], output: PackageOutput): Promise<number> {
  try {
    return await run(readLine(args), output);
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`${error.message}\n\n${usageFor(args.find((word) => COMMAND_NAMES.includes(word)))}`);
      return 2;
    }
    if (error instanceof PolicyError) {
      output.err(wordsOf(error, args));
      return 1;
    }
    if (error instanceof SchemaFailure || error instanceof FileFailure) {
      output.err(error.message);
      return 1;
    }
    throw error;
  }
}

async function run({ words, own, rest }: Line, output: PackageOutput): Promise<number> {
  const [command, ...names] = words;
  if (own.help === true || command === 'help') {
    const about = command === 'help' ? names[0] : command;
    if (about !== undefined && about !== 'version' && !COMMAND_NAMES.includes(about)) {
      throw new UsageError(unknownCommand(about));
    }
    output.out(helpFor(about));
    return 0;
  }
  if (own.version === true || command === 'version') {
    output.out(output.version());
    return 0;
  }
  if (command === undefined || !COMMAND_NAMES.includes(command)) {
    throw new UsageError(command === undefined ? 'Name a command.' : unknownCommand(command, names));
  }
  requireOwn(command, [...rest, ...(own['matrix-file'] === undefined ? [] : ['--matrix-file'])]);
  const files = command === 'explain' && names.length > 1 ? names.splice(-1) : [];
  if (names.length === 0 || names.includes('')) {
    throw new UsageError('Name the schema.');
  }
  if (names.includes('-') && files.includes('-')) {
    throw new UsageError('Standard input can hold the schema or the operation, not both.');
  }
  const options = policyOptions(own);
  const schema = await loadSchema(names, options);
  const ignored = Object.keys(POLICY_OPTIONS).find((name) => Object.hasOwn(own, name));
  if (ignored !== undefined && isSchema(schema) && policyOf(schema) !== null) {
    throw new UsageError(`${names[0]} exports a guarded schema, which has options of its own: leave out --${ignored}.`);
  }
  const file = own['role-permissions'];
  const rolePermissions = file === undefined ? undefined : await loadRolePermissions(file);
  const matrixFile = own['matrix-file'] ?? 'ACCESS.md';
  if (matrixFile === '' || matrixFile === '-') {
    throw new UsageError('--matrix-file takes the name of a file; without --write the matrix is printed.');
  }
  const program = { usage: usageFor(command), keep: keepCommand(names, own) };
  return accessCommand([command, ...files, ...rest], {
    ...output,
    ...program,
    schema,
    matrixFile,
    options,
    rolePermissions,
  });
}

/** Refuses options of other commands, which would have no effect. */
function requireOwn(command: string, options: readonly string[]): void {
  for (const name of options.map((option) => option.replace(/=.*/s, ''))) {
    const commands = commandsWith(name);
    if (commands.length > 0 && !commands.includes(command)) {
      const owners = commands.length === 1 ? `command ${commands[0]} has` : `commands ${commands.join(', ')} have`;
      throw new UsageError(`Unknown option '${name}'. The ${owners} it.`);
    }
  }
}

function unknownCommand(word: string, others: readonly string[] = []): string {
  const late = others.find((other) => COMMAND_NAMES.includes(other));
  if (late !== undefined) {
    return `Name the command first: rolegate ${late} ${word}.`;
  }
  const meant = nearestName(word, COMMAND_NAMES);
  return `There is no command "${word}".${meant === undefined ? '' : ` Is ${meant} meant?`}`;
}

/** A command line: its words, the options that are read here, and the others as they were written. */
interface Line {
  readonly words: readonly string[];
  readonly own: {
    readonly [name in keyof typeof POLICY_OPTIONS | 'matrix-file' | 'role-permissions']?: string | undefined;
  } & { readonly help?: boolean | undefined; readonly version?: boolean | undefined };
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
    requireOnce(tokens.flatMap((token) => (token.kind === 'option' && token.value !== undefined ? [token.name] : [])));
    const rest = tokens.flatMap((token) => {
      if (token.kind !== 'option' || Object.hasOwn(OWN_OPTIONS, token.name)) {
        return [];
      }
      return [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`];
    });
    return { words: positionals, own: values, rest };
  } catch (error) {
    throw misunderstood(error, Object.keys({ ...OWN_OPTIONS, ...COMMAND_OPTIONS }));
  }
}

/** Refuses options with a value that are repeated, of which all values but the last would have no effect. */
function requireOnce(names: readonly string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) {
    throw new UsageError(
      `The option --${repeated} is there twice. Where it takes a list, separate the items by commas.`,
    );
  }
}

function policyOptions(own: Line['own']): PolicyOptions {
  const { undecided, denial, enforcement } = own;
  if (undecided !== undefined && undecided !== 'refuse' && undecided !== 'report' && undecided !== 'deny') {
    throw new UsageError('--undecided is refuse, report or deny.');
  }
  if (denial !== undefined && denial !== 'null' && denial !== 'reject') {
    throw new UsageError('--denial is null or reject.');
  }
  if (enforcement !== undefined && enforcement !== 'enforce' && enforcement !== 'observe') {
    throw new UsageError('--enforcement is enforce or observe.');
  }
  const pairs = listOf(own.directives).map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(''))) {
    throw new UsageError('--directives is a list of names and the names in your schema: auth=access,public=open.');
  }
  return {
    roleEnum: own['role-enum'],
    undecided,
    denial,
    enforcement,
    inherits: inheritsOf(own.inherits),
    directives: Object.fromEntries(pairs) as Record<string, string>,
    ignoreDirectives: listOf(own['ignore-directives']),
  };
}

/** Returns the option `inherits` for pairs of roles; a role that inherits nothing stands alone. */
function inheritsOf(text: string | undefined): PolicyOptions['inherits'] {
  const inherits = new Map<string, string[]>();
  for (const pair of listOf(text)) {
    const [role = '', inherited, ...more] = pair.split('=').map((name) => name.trim());
    if (role === '' || inherited === '' || more.length > 0) {
      throw new UsageError(
        '--inherits is a list of roles and the roles that they inherit: ADMIN=EDITOR,EDITOR=USER,GUEST.',
      );
    }
    inherits.set(role, [...(inherits.get(role) ?? []), ...(inherited === undefined ? [] : [inherited])]);
  }
  return text === undefined ? undefined : Object.fromEntries(inherits);
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
  return ['npx rolegate', ...words.map((word) => (/^[\w./=,:@-]+$/.test(word) ? word : `'${word}'`))].join(' ');
}
