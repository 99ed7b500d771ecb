import { readFile } from 'node:fs/promises';
import {
  explainAccess,
  type ExplainedCoordinate,
  type Explanation,
  type MissingKey,
  OperationError,
} from '../../access/index.ts';
import { type AccessCommandInput, policyFor, readOptions, textOption, UsageError } from './usage.ts';
import { VIEWER_OPTIONS, viewerFrom } from './viewer.ts';

/** Prints which parts of an operation are open to a viewer. */
export async function explainCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  const options = readOptions(args, { ...VIEWER_OPTIONS, operation: { type: 'string' } }, 1);
  const [file] = options.positionals;
  if (file === undefined) {
    throw new UsageError('Name the file that holds the operation.');
  }
  const policy = policyFor(io);
  const { id, roles, permissions } = viewerFrom(options, policy, io);
  try {
    const explanation = explainAccess({
      policy,
      operation: await readOperationFile(file),
      operationName: textOption(options, 'operation'),
      roles,
      permissions,
      signedIn: id !== null,
      rolePermissions: io.rolePermissions,
    });
    io.out(describe(explanation));
    return 0;
  } catch (error) {
    if (error instanceof OperationError) {
      io.err(`${file} cannot be explained:\n\n${error.message}`);
      return 1;
    }
    throw error;
  }
}

async function readOperationFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function describe({ allowed, coordinates }: Explanation): string {
  const closed = coordinates.filter(({ verdict }) => verdict !== 'yes').length;
  const headline = allowed
    ? 'Everything is open'
    : `${closed} of ${coordinates.length} coordinates are closed, or open for what is one's own`;
  return [headline, ...coordinates.map(describeCoordinate)].join('\n');
}

function describeCoordinate({ coordinate, returning, verdict, doors, remedies }: ExplainedCoordinate): string {
  const name = returning === null ? coordinate : `${coordinate} (a ${returning})`;
  const closed = doors.filter((door) => door.verdict !== 'yes').map(({ keys, from }) => `(${keys}) at ${from}`);
  const ways = remedies.map((keys) => keys.map(describeKey).join(' and '));
  const needs = closed.length === 0 ? '' : `  needs ${[...new Set(closed)].join(', ')}`;
  return `  ${verdict.padEnd(3)}  ${name}${needs}${ways.length === 0 ? '' : `; opens with ${ways.join(', or ')}`}`;
}

function describeKey({ kind, name }: MissingKey): string {
  return kind === 'sign-in' ? 'signing in' : `${kind} ${name}`;
}
