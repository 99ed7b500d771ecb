import { createAuditSigner } from '../modules/audit/seal.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { demoSecret } from '../lib/secrets.ts';
import { AUDIT_USAGE, parseAuditArguments, type PruneArguments, type VerifyArguments } from './audit/arguments.ts';
import { openDatabase } from './open-database.ts';
import type { CommandOutput } from './output.ts';
import type { Verdict } from '../modules/audit/verify.ts';
import { type AuditCommandParts, count, damageReport, everySoOften, verifyNow } from './audit/report.ts';
import { planPruning, prune, type Pruning } from '../modules/audit/prune.ts';
import { sealBatch } from '../modules/audit/sealer.ts';
import { systemScope } from '../database/scopes.ts';

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

/** Verifies the audit trail. Returns the exit code. */
export async function verifyCommand({ known }: VerifyArguments, parts: AuditCommandParts): Promise<number> {
  const verdict = await verifyNow(parts, { known });
  const facts = factsOf(verdict).join('\n');
  if (verdict.damage.length > 0) {
    parts.err(damageReport(verdict.damage));
    parts.out(facts);
    return 1;
  }
  parts.out(`The audit trail is intact.\n${facts}`);
  return 0;
}

function factsOf({ seals, events, pruned, unsealed, head }: Verdict): string[] {
  const since = unsealed.oldest === null ? '' : `, the oldest of ${unsealed.oldest.toISOString()}`;
  return [
    `  Sealed     ${count(events)} events in ${count(seals)} seals`,
    `  Unsealed   ${count(unsealed.count)} events${since}`,
    ...(pruned > 0 ? [`  Removed    ${count(pruned)} events, by retention`] : []),
    `  Last seal  ${head.number}:${head.hash}`,
    '  Note the last line elsewhere: with it, --head detects whether the end of the trail was cut off.',
  ];
}

/** Removes old events from the audit trail. Returns the exit code. */
export async function pruneCommand(
  { before, isDryRun, evenIfDamaged }: PruneArguments,
  parts: AuditCommandParts,
): Promise<number> {
  const { database, signer, now, out, err } = parts;
  const { damage } = await verifyNow(parts);
  if (damage.length > 0) {
    err(damageReport(damage));
    if (!evenIfDamaged) {
      err('Nothing was removed. Find the cause first, or repeat the command with --even-if-damaged.');
      return 1;
    }
  }
  const plan = await database.run(systemScope, (em) => planPruning(em, before));
  if (isDryRun || plan.through === null) {
    out(planReport(plan, before));
    return 0;
  }
  const progress = everySoOften((done, of) => out(`… ${count(done)} of ${count(of)} events removed`));
  const removed = await prune(database, { signer, before, now, progress });
  // The removal is recorded by events of its own, which are sealed at once so that they cannot be changed.
  await database.run(systemScope, (em) => sealBatch(em, signer, now()));
  out(`Removed ${count(removed)} events from before ${before.toISOString()}. "verify" continues from the checkpoint.`);
  return 0;
}

function planReport({ seals, events }: Pruning, before: Date): string {
  return seals === 0
    ? `There is nothing to remove: no seal holds only events from before ${before.toISOString()}.`
    : `Would remove ${count(events)} events in ${count(seals)} seals, all from before ${before.toISOString()}.`;
}
