import { createAuditSigner } from '../modules/audit/signer.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { demoSecret } from '../lib/secrets.ts';
import { parseAuditArguments, AUDIT_USAGE } from './audit/arguments.ts';
import { pruneCommand } from './audit/prune.ts';
import { verifyCommand } from './audit/verify.ts';
import { openDatabase } from './open-database.ts';
import type { CommandOutput } from './output.ts';

/** The process's edges that the command uses. */
export interface AuditEdges extends CommandOutput {
  readonly now: () => Date;
  /** Opens this database instead of the configured one, for tests. */
  readonly openDatabase?: () => Promise<Database>;
}

/**
 * Runs a command on the audit trail: `verify` or `prune`.
 *
 * @returns the exit code. 0: the trail is intact. 1: it is damaged. 2: usage error, or the trail cannot be read.
 */
export async function auditCommand(args: readonly string[], config: Config, edges: AuditEdges): Promise<number> {
  const command = parseAuditArguments(args, edges.now());
  if ('problem' in command) {
    edges.err(`${command.problem}\n\n${AUDIT_USAGE}`);
    return 2;
  }
  const [first = demoSecret(config.dataDir), ...older] = config.jwt.secrets;
  const signer = createAuditSigner([first, ...older]);
  try {
    const database = await open(config, edges);
    try {
      const parts = { ...edges, database, signer };
      return await (command.name === 'verify' ? verifyCommand(command, parts) : pruneCommand(command, parts));
    } finally {
      await database.close();
    }
  } catch (error) {
    edges.err(error instanceof Error ? error.message : String(error));
    return 2;
  }
}

function open(config: Config, edges: AuditEdges): Promise<Database> {
  return edges.openDatabase?.() ?? openDatabase(config, 'npm run audit', (step) => edges.out(`… ${step}`));
}
