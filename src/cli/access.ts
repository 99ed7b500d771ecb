import { printSchema } from 'graphql';
import { PolicyError, policyTypes, visibleSchema } from '../access/index.ts';
import { explainCommand, VIEWER_OPTIONS, viewerFrom } from './access/explain.ts';
import { checkCommand, matrixCommand } from './access/matrix.ts';
import {
  ACCESS_USAGE,
  type AccessCommandInput,
  policyFor,
  readOptions,
  textOption,
  UsageError,
} from './access/usage.ts';
import { writeText } from './files.ts';

export type { AccessCommandInput } from './access/usage.ts';

/**
 * Runs one command about access: `matrix`, `check`, `explain`, `schema` or `types`.
 *
 * @returns the exit code. 0: done. 1: access has changed, or the policy or an operation is not valid. 2: the command
 *   line cannot be understood
 */
export async function accessCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  try {
    return await run(args, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\n\n${io.usage ?? ACCESS_USAGE}`);
      return 2;
    }
    if (error instanceof PolicyError) {
      io.err(error.message);
      return 1;
    }
    throw error;
  }
}

async function run([command, ...args]: readonly string[], io: AccessCommandInput): Promise<number> {
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
export function schemaCommand(args: readonly string[], io: AccessCommandInput): number {
  const options = readOptions(args, VIEWER_OPTIONS, 0);
  const policy = policyFor(io);
  io.out(printSchema(visibleSchema(policy, { viewer: viewerFrom(options, policy, io) })));
  return 0;
}

/** Prints the roles, permissions and coordinates of the schema as TypeScript unions, or writes them to a file. */
export async function typesCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  const file = textOption(readOptions(args, { out: { type: 'string' } }, 0), 'out');
  const types = policyTypes(policyFor(io));
  if (file === null) {
    io.out(types.trimEnd());
  } else {
    await writeText(file, types);
    io.out(`Wrote ${file}`);
  }
  return 0;
}
