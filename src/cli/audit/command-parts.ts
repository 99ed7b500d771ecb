import type { Database } from '../../database/database.ts';
import type { AuditSigner } from '../../modules/audit/signer.ts';
import type { CommandOutput } from '../output.ts';

/** The dependencies of the audit commands. */
export interface AuditCommandParts extends CommandOutput {
  readonly database: Database;
  readonly signer: AuditSigner;
  readonly now: () => Date;
}
