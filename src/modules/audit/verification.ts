import { systemScope } from '../../database/scopes.ts';
import type { AuditVerification, RequestContext } from '../../context.ts';
import { Conflict } from '../../lib/errors.ts';
import type { AuditSigner } from './seal.ts';
import { type Verdict, verifyTrail } from './verify.ts';

/** The time that a verification may take: the embedded database has a single connection, for which others wait. */
const TIME_LIMIT_MS = 3_000;

/** The number of differences that are listed: the first one matters most. */
const MOST_DIFFERENCES = 20;

interface Dependencies {
  readonly signer: AuditSigner;
  readonly timeLimit?: number;
}

/** Creates a function that verifies the audit trail within a time limit. It runs once at a time in a process. */
export function createAuditVerifier({
  signer,
  timeLimit = TIME_LIMIT_MS,
}: Dependencies): RequestContext['verifyAudit'] {
  let isRunning = false;
  return async (unit) => {
    if (isRunning) {
      throw new Conflict('A verification of the audit trail is running: retry when it has finished');
    }
    isRunning = true;
    const started = performance.now();
    const shouldStop = (): boolean => performance.now() - started > timeLimit;
    try {
      return describeVerdict(await unit.readAs(systemScope, (reader) => verifyTrail(reader, { signer, shouldStop })));
    } finally {
      isRunning = false;
    }
  };
}

function describeVerdict({ damage, isComplete, seals, events, unsealed, head }: Verdict): AuditVerification {
  return {
    intact: damage.length === 0,
    complete: isComplete,
    seals,
    events,
    unsealed: unsealed.count,
    damage: damage.slice(0, MOST_DIFFERENCES),
    head: `${head.number}:${head.hash}`,
  };
}
