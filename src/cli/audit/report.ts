import { type Verdict, verifyTrail, type VerifyOptions } from '../../modules/audit/verify.ts';
import { systemScope } from '../../database/scopes.ts';
import type { AuditCommandParts } from './command-parts.ts';

/** How much damage is listed; where it begins is what matters. */
const MOST_LINES = 20;
/** How often progress is told, in milliseconds. */
const PROGRESS_INTERVAL = 2_000;

/** Verifies what the database shows at one moment, and tells of progress. */
export async function verifyNow(
  { database, signer, out }: AuditCommandParts,
  options: Pick<VerifyOptions, 'known'> = {},
): Promise<Verdict> {
  const unit = database.unitOfWork(systemScope);
  const tell = everySoOften((done, of) => out(`… ${count(done)} of ${count(of)} seals`));
  try {
    return await unit.read((reader) => verifyTrail(reader, { ...options, signer, progress: tell }));
  } finally {
    await unit.close();
  }
}

/** Says what is wrong with a trail. */
export function damageReport(damage: readonly string[]): string {
  const listed = damage.slice(0, MOST_LINES).map((line) => `  ${line}`);
  const more = damage.length - listed.length;
  return ['The audit trail is damaged:', ...listed, ...(more > 0 ? [`  … and ${count(more)} more.`] : [])].join('\n');
}

/** A number as people read it. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** Lets a report of progress through every two seconds. */
export function everySoOften(report: (done: number, of: number) => void): (done: number, of: number) => void {
  let last = performance.now();
  return (done, of) => {
    if (performance.now() - last >= PROGRESS_INTERVAL) {
      last = performance.now();
      report(done, of);
    }
  };
}
