import { parseArgs } from 'node:util';
import type { ChainLink } from '../../database/events/chain.ts';

export const AUDIT_USAGE = `Usage: npm run audit -- <command>

  verify [--head <number>:<hash>]
      Verifies that no event and no seal of the audit trail was removed, altered or inserted, and counts the events that
      are not sealed yet. With --head, also verifies that the chain still contains the seal that was noted earlier.

  prune --before <date> [--dry-run] [--even-if-damaged]
      Removes events older than the date (2026-01-31, or with a time), and leaves a signed checkpoint from which the
      rest is verified. Refused while the trail is damaged, because it would remove the evidence.

Exit code: 0 the trail is intact, 1 it is damaged, 2 usage error, or the trail cannot be read.`;

export interface VerifyArguments {
  readonly name: 'verify';
  readonly known: ChainLink | null;
}

export interface PruneArguments {
  readonly name: 'prune';
  readonly before: Date;
  readonly isDryRun: boolean;
  readonly evenIfDamaged: boolean;
}

/** Reads the arguments of `npm run audit`. */
export function parseAuditArguments(
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
