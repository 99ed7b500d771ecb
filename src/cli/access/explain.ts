import { readFile } from 'node:fs/promises';
import {
  explainAccess,
  type ExplainedCoordinate,
  type Explanation,
  type MissingGrant,
  OperationError,
} from '../../access/index.ts';
import { type AccessCommandInput, policyFor, readOptions, textOption, UsageError } from './usage.ts';
import { VIEWER_OPTIONS, viewerFrom } from './viewer.ts';

/** Prints which parts of an operation are allowed for a viewer. */
export async function explainCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  const options = readOptions(args, { ...VIEWER_OPTIONS, operation: { type: 'string' } }, 1);
  const [file] = options.positionals;
  if (file === undefined) {
    throw new UsageError('Name the file that holds the operation.');
  }
  const policy = policyFor(io);
  try {
    const explanation = explainAccess(policy, {
      viewer: viewerFrom(options, policy, io),
      operation: await readOperationFile(file),
      operationName: textOption(options, 'operation'),
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
  const denied = coordinates.filter(({ verdict }) => verdict !== 'allowed').length;
  const headline = allowed
    ? 'Everything is allowed'
    : `${denied} of ${coordinates.length} coordinates are denied, or allowed only on objects that the viewer owns`;
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
