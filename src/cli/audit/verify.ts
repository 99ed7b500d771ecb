import type { Verdict } from '../../modules/audit/verify.ts';
import type { AuditCommandParts } from './command-parts.ts';
import type { VerifyArguments } from './arguments.ts';
import { count, damageReport, verifyNow } from './report.ts';

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
