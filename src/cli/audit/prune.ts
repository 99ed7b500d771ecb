import { planPruning, prune, type Pruning } from '../../modules/audit/prune.ts';
import { sealBatch } from '../../modules/audit/sealer.ts';
import { systemScope } from '../../database/scopes.ts';
import type { AuditCommandParts } from './command-parts.ts';
import type { PruneArguments } from './arguments.ts';
import { count, damageReport, everySoOften, verifyNow } from './report.ts';

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
