import { type Verdict, type VerifyOptions, verifyTrail } from '../../modules/audit/verify.ts';
import { systemScope } from '../../database/scopes.ts';
import type { Database } from '../../database/database.ts';
import type { AuditSigner } from '../../modules/audit/seal.ts';
import type { CommandOutput } from '../output.ts';

/** The dependencies of the audit commands. */
export interface AuditCommandParts extends CommandOutput {
  readonly database: Database;
  readonly signer: AuditSigner;
  readonly now: () => Date;
}

/** The maximum number of listed problems: the first one matters most. */
const MOST_LINES = 20;
/** The interval of progress reports, in milliseconds. */
const PROGRESS_INTERVAL = 2_000;

/** Verifies a snapshot of the trail, and reports progress. */
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

/** Returns a report of the problems of a trail. */
export function damageReport(damage: readonly string[]): string {
  const listed = damage.slice(0, MOST_LINES).map((line) => `  ${line}`);
  const more = damage.length - listed.length;
  return ['The audit trail is damaged:', ...listed, ...(more > 0 ? [`  … and ${count(more)} more.`] : [])].join('\n');
}

/** Formats a number with separators of thousands. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** Limits progress reports to one every two seconds. */
export function everySoOften(report: (done: number, of: number) => void): (done: number, of: number) => void {
  let last = performance.now();
  return (done, of) => {
    if (performance.now() - last >= PROGRESS_INTERVAL) {
      last = performance.now();
      report(done, of);
    }
  };
}
