import { writeFile } from 'node:fs/promises';
import { policyTypes } from '../../access/index.ts';
import { type AccessCommandInput, policyFor, readOptions, textOption } from './usage.ts';

/** Prints the roles, permissions and coordinates of the schema as TypeScript unions, or writes them to a file. */
export async function typesCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  const file = textOption(readOptions(args, { out: { type: 'string' } }, 0), 'out');
  const types = policyTypes(policyFor(io));
  if (file === null) {
    io.out(types.trimEnd());
  } else {
    await writeFile(file, types);
    io.out(`Wrote ${file}`);
  }
  return 0;
}
