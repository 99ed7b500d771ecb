import { PolicyError } from '../access/index.ts';
import { explainCommand } from './access/explain.ts';
import { checkCommand, matrixCommand } from './access/matrix.ts';
import { schemaCommand } from './access/schema.ts';
import { typesCommand } from './access/types.ts';
import { ACCESS_USAGE, type AccessCommandInput, UsageError } from './access/usage.ts';

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
