import { parseArgs } from 'node:util';
import { createAuditSigner, type AuditSigner } from '../modules/audit/seal.ts';
import type { Config } from '../config/config.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { demoSecret } from '../lib/secrets.ts';
import { describeFailure } from './failures.ts';
import type { CommandOutput } from './output.ts';
import { type Verdict, type VerifyOptions, verifyTrail } from '../modules/audit/verify.ts';
import { planPruning, prune, type Pruning } from '../modules/audit/prune.ts';
import { sealBatch } from '../modules/audit/sealer.ts';
import { systemScope } from '../database/scopes.ts';
import type { ChainLink } from '../database/events/chain.ts';

export const AUDIT_USAGE = `Usage: npm run audit -- <command>

  verify [--head <number>:<hash>]
      Verifies that no event and no seal of the audit trail was removed, altered or inserted, and counts the events that
      are not sealed yet. With --head, also verifies that the chain still contains the seal that was noted earlier.

  prune --before <date> [--dry-run] [--even-if-damaged]
      Removes events older than the date (2026-01-31, or with a time), and leaves a signed checkpoint from which the
      rest is verified. Refused while the trail is damaged, because it would remove the evidence.

Exit code: 0 the trail is intact, 1 it is damaged, 2 usage error, or the trail cannot be read.`;

interface VerifyArguments {
  readonly name: 'verify';
  readonly known: ChainLink | null;
}

interface PruneArguments {
  readonly name: 'prune';
  readonly before: Date;
  readonly isDryRun: boolean;
  readonly evenIfDamaged: boolean;
}

/** Reads the arguments of `npm run audit`. */
function parseAuditArguments(
  [name, ...args]: readonly string[],
  now: Date,
): VerifyArguments | PruneArguments | { readonly problem: string } {
  try {
    if (name === 'verify') {
      return verifyArguments(args);
    }
    if (name === 'prune') {
      return pruneArguments(args, now);
    }
  } catch (error) {
    if (error instanceof TypeError) {
      return { problem: error.message };
    }
    throw error;
  }
  return { problem: name === undefined ? 'A command is missing.' : `There is no command "${name}".` };
}

function verifyArguments(args: readonly string[]): VerifyArguments | { readonly problem: string } {
  const { values } = parseArgs({ args: [...args], options: { head: { type: 'string' } }, strict: true });
  if (values.head === undefined) {
    return { name: 'verify', known: null };
  }
  const [, number, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(values.head) ?? [];
  return number === undefined || hash === undefined
    ? { problem: '--head must be a number, a colon and a hash, as "verify" shows them.' }
    : { name: 'verify', known: { number: Number(number), hash } };
}

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

function pruneArguments(args: readonly string[], now: Date): PruneArguments | { readonly problem: string } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      before: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      'even-if-damaged': { type: 'boolean', default: false },
    },
    strict: true,
  });
  const text = values.before ?? '';
  const before = new Date(text);
  if (!DATE.test(text) || Number.isNaN(before.getTime()) || !isDay(text.slice(0, 10))) {
    return { problem: '--before must be a date such as 2026-01-31, or a date with a time and its zone.' };
  }
  if (before > now) {
    return { problem: '--before must not be in the future.' };
  }
  return { name: 'prune', before, isDryRun: values['dry-run'], evenIfDamaged: values['even-if-damaged'] };
}

/** Returns true if the day exists: JavaScript reads 31 February as 3 March. */
function isDay(text: string): boolean {
  return new Date(text).toISOString().startsWith(text);
}

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
    edges.err(describeFailure(error, config) ?? (error instanceof Error ? error.message : String(error)));
    return 2;
  }
}

function open(config: Config, edges: AuditEdges): Promise<Database> {
  return edges.openDatabase?.() ?? openDatabase(config, 'npm run audit', (step) => edges.out(`… ${step}`));
}

/** Verifies the audit trail. Returns the exit code. */
async function verifyCommand({ known }: VerifyArguments, parts: AuditCommandParts): Promise<number> {
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
async function pruneCommand(
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
  const progress = atIntervals((done, of) => out(`… ${count(done)} of ${count(of)} events removed`));
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

/** The dependencies of the audit commands. */
interface AuditCommandParts extends CommandOutput {
  readonly database: Database;
  readonly signer: AuditSigner;
  readonly now: () => Date;
}

/** The maximum number of listed problems: the first one matters most. */
const MOST_LINES = 20;
/** The interval of progress reports, in milliseconds. */
const PROGRESS_INTERVAL = 2_000;

/** Verifies a snapshot of the trail, and reports progress. */
async function verifyNow(
  { database, signer, out }: AuditCommandParts,
  options: Pick<VerifyOptions, 'known'> = {},
): Promise<Verdict> {
  const unit = database.unitOfWork(systemScope);
  const tell = atIntervals((done, of) => out(`… ${count(done)} of ${count(of)} seals`));
  try {
    return await unit.read((reader) => verifyTrail(reader, { ...options, signer, progress: tell }));
  } finally {
    await unit.close();
  }
}

/** Returns a report of the problems of a trail. */
function damageReport(damage: readonly string[]): string {
  const listed = damage.slice(0, MOST_LINES).map((line) => `  ${line}`);
  const more = damage.length - listed.length;
  return ['The audit trail is damaged:', ...listed, ...(more > 0 ? [`  … and ${count(more)} more.`] : [])].join('\n');
}

/** Formats a number with separators of thousands. */
function count(number: number): string {
  return number.toLocaleString('en');
}

/** Limits progress reports to one every two seconds. */
function atIntervals(report: (done: number, of: number) => void): (done: number, of: number) => void {
  let last = performance.now();
  return (done, of) => {
    if (performance.now() - last >= PROGRESS_INTERVAL) {
      last = performance.now();
      report(done, of);
    }
  };
}
