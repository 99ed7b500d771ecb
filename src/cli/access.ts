import { GraphQLError, printSchema } from 'graphql';
import {
  PolicyError,
  policyTypes,
  visibleSchema,
  explainAccess,
  type ExplainedCoordinate,
  type Explanation,
  type MissingGrant,
  OperationError,
  type AccessViewer,
  type Policy,
} from '../access/index.ts';
import { describeProblems } from '../access/policy/policy-error.ts';
import { nearestName } from '../access/edit-distance.ts';
import { checkRolePermissions, reportUnknownPermissions } from './access/role-permissions.ts';
import { readOperations } from './access/documents.ts';
import { locateProblems } from './access/places.ts';
import { checkCommand, matrixCommand } from './access/matrix.ts';
import {
  ACCESS_USAGE,
  type AccessCommandInput,
  LISTS_ALL,
  policyFor,
  readOptions,
  textOption,
  UsageError,
  type Options,
} from './access/usage.ts';
import { FileFailure, writeGenerated } from './output.ts';

export type { AccessCommandInput } from './access/usage.ts';

/** The option of every command that lists all problems of a policy, not only the first. */
const ALL = '--all';

/**
 * Runs one command about access: `matrix`, `check`, `explain`, `schema` or `types`.
 *
 * @returns the exit code. 0: done. 1: access has changed, or the policy or an operation is not valid. 2: the command
 *   line cannot be understood
 */
export async function accessCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  try {
    return await run(
      args.filter((word) => word !== ALL),
      { ...io, listsAll: args.includes(ALL) },
    );
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\n\n${io.usage ?? ACCESS_USAGE}`);
      return 2;
    }
    if (error instanceof PolicyError) {
      io.err(wordsOf(locateProblems(error, io.schema), args));
      return 1;
    }
    if (error instanceof FileFailure) {
      io.err(error.message);
      return 1;
    }
    throw error;
  }
}

/** Words the problems of a policy: the first, or all of them with the option `--all`. */
export function wordsOf({ problems }: PolicyError, args: readonly string[]): string {
  const most = args.includes(ALL) ? problems.length : undefined;
  return describeProblems(problems, most, LISTS_ALL);
}

async function run([command, ...args]: readonly string[], io: AccessCommandInput): Promise<number> {
  checkRolePermissions(io);
  switch (command) {
    case 'matrix':
      return matrixCommand(args, io);
    case 'check':
      return checkCommand(args, io);
    case 'explain':
      return explainCommand(args, io);
    case 'schema':
      return schemaCommand(args, io);
    case 'types':
      return typesCommand(args, io);
    default:
      throw new UsageError(command === undefined ? 'Name a command.' : `There is no command "${command}".`);
  }
}

/** Prints the part of the schema that a viewer could reach, as SDL. */
function schemaCommand(args: readonly string[], io: AccessCommandInput): number {
  const options = readOptions(args, VIEWER_OPTIONS, 0);
  const policy = policyFor(io);
  io.out(printSchema(visibleSchema(policy, { viewer: viewerFrom(options, policy, io) })));
  return 0;
}

/** Prints the roles, permissions and coordinates of the schema as TypeScript unions, or writes them to a file. */
async function typesCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  const file = textOption(readOptions(args, { out: { type: 'string' } }, 0), 'out');
  const types = policyTypes(policyFor(io));
  if (file === null) {
    io.out(types.trimEnd());
  } else {
    await writeGenerated(file, types, (text) => /^export type Coordinate =/m.test(text));
    io.out(`Wrote ${file}`);
  }
  return 0;
}

/** Prints which parts of an operation are allowed for a viewer. */
async function explainCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  const known = { ...VIEWER_OPTIONS, operation: { type: 'string' }, format: { type: 'string' } } as const;
  const options = readOptions(args, known, 1);
  const format = textOption(options, 'format') ?? 'text';
  if (format !== 'text' && format !== 'json') {
    throw new UsageError(`There is no format "${format}"; there are text, json.`);
  }
  const [file] = options.positionals;
  if (file === undefined) {
    throw new UsageError('Name the file that holds the operation.');
  }
  const policy = policyFor(io);
  const operation = await readOperations(file);
  try {
    const explanation = explainAccess(policy, {
      viewer: viewerFrom(options, policy, io),
      operation,
      operationName: textOption(options, 'operation'),
      rolePermissions: io.rolePermissions,
    });
    io.out(format === 'json' ? JSON.stringify(explanation, null, 2) : describe(explanation));
    return 0;
  } catch (error) {
    if (error instanceof OperationError || error instanceof GraphQLError) {
      io.err(`${file} cannot be explained:\n\n${error instanceof GraphQLError ? error.toString() : error.message}`);
      return 1;
    }
    throw error;
  }
}

function describe({ allowed, coordinates }: Explanation): string {
  const denied = coordinates.filter(({ verdict }) => verdict !== 'allowed').length;
  const policy = coordinates.some(({ verdict }) => verdict === 'depends') ? ', or where a policy allows it' : '';
  const headline = allowed
    ? 'Everything is allowed'
    : `${denied} of ${coordinates.length} coordinates ${denied === 1 ? 'is' : 'are'} denied, or allowed only on objects that the viewer owns${policy}`;
  return [headline, ...coordinates.map(describeCoordinate)].join('\n');
}

function describeCoordinate({ coordinate, returning, verdict, requirements, remedies }: ExplainedCoordinate): string {
  const name = returning === null ? coordinate : `${coordinate} (a ${returning})`;
  const missing = requirements
    .filter((requirement) => requirement.verdict !== 'allowed')
    .map(({ alternatives, from }) => `(${alternatives}) at ${from}`);
  const ways = remedies.map((grants) => grants.map(describeGrant).join(' and '));
  const needs = missing.length === 0 ? '' : `  needs ${[...new Set(missing)].join(', ')}`;
  return `  ${verdict.padEnd(7)}  ${name}${needs}${ways.length === 0 ? '' : `; satisfied by ${ways.join(', or ')}`}`;
}

function describeGrant({ kind, name }: MissingGrant): string {
  return kind === 'sign-in' ? 'signing in' : `${kind} ${name}`;
}

const ANONYMOUS = 'anonymous';

/** A signed-in viewer without a role. */
const SIGNED_IN = 'signed-in';

/** The options that describe a viewer. */
const VIEWER_OPTIONS = { as: { type: 'string' }, permissions: { type: 'string' } } as const;

/**
 * Returns the viewer that `--as` and `--permissions` describe, with the permissions that come with the roles.
 *
 * @throws UsageError if a role is unknown, or none is named
 */
function viewerFrom(options: Options, policy: Policy, io: AccessCommandInput): AccessViewer {
  const names = splitList(textOption(options, 'as'));
  const unknown = names.filter((name) => name !== ANONYMOUS && name !== SIGNED_IN && !policy.roles.has(name));
  if (names.length === 0) {
    throw new UsageError(`Name a role: --as ROLE. ${describeRoles(policy)}`);
  }
  if (unknown.length > 0) {
    const meant = unknown.flatMap((name) => nearestName(name, [...policy.roles.keys(), ANONYMOUS, SIGNED_IN]) ?? []);
    const remedy = meant.length === 0 ? '' : ` Is ${meant.join(', ')} meant?`;
    throw new UsageError(`There is no role ${unknown.join(', ')}.${remedy} ${describeRoles(policy)}`);
  }
  if (names.includes(ANONYMOUS)) {
    return anonymous(names, options);
  }
  const roles = names.filter((name) => name !== SIGNED_IN);
  const held = new Set(roles.flatMap((name) => Array.from(policy.roles.get(name) ?? [])));
  const lists = Object.entries(io.rolePermissions ?? {}).flatMap(([role, list]) => (held.has(role) ? [list] : []));
  const named = splitList(textOption(options, 'permissions'));
  reportUnknownPermissions(named, io);
  return { id: 'viewer', roles, permissions: lists.includes('all') ? 'all' : [...named, ...lists.flat()] };
}

function describeRoles({ roles }: Policy): string {
  const known = roles.size === 0 ? 'The schema has no roles' : `The roles are ${[...roles.keys()].join(', ')}`;
  return `${known}; "${SIGNED_IN}" is a viewer without a role, "${ANONYMOUS}" a viewer who is not signed in.`;
}

function anonymous(names: readonly string[], options: Options): AccessViewer {
  if (names.length > 1 || textOption(options, 'permissions') !== null) {
    throw new UsageError('An anonymous viewer holds no roles and no permissions.');
  }
  return { id: null, roles: [], permissions: [] };
}

function splitList(text: string | null): string[] {
  const items = (text ?? '').split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}
