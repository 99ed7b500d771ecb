import { authScope } from '../../database/scopes.ts';
import { recordEvent } from '../../database/events/record.ts';
import type { UnitOfWork, Work } from '../../database/unit-of-work.ts';
import type { Client, SignedInViewer } from '../../lib/viewer.ts';
import { BadUserInput, type FactorKind, StepUpRequired } from '../../lib/errors.ts';
import type { AuthDependencies } from '../dependencies.ts';
import type { OwnPasswords } from '../passwords/own-passwords.ts';
import { type CheckFactor, isPasskey, type SentFactor } from './factor-check.ts';
import { requireSessionId } from './own-factors.ts';
import { hasSecondFactor } from './second-factors.ts';

/** The largest age of a sign-in with which passwords, factors, keys and roles may be changed, in milliseconds. */
const RECENT = 10 * 60_000;

/**
 * Checks that the viewer signed in at most ten minutes ago. API keys have no sign-in, and Basic shows a password with
 * each request: the check does not apply to them.
 *
 * @throws {StepUpRequired}
 */
export function requireRecentSignIn({ authenticatedAt }: SignedInViewer, now: Date): void {
  if (authenticatedAt !== null && now.getTime() - authenticatedAt.getTime() > RECENT) {
    throw new StepUpRequired('This needs a sign-in within the last ten minutes: use reauthenticate');
  }
}

/** The credentials that a viewer shows again in their session: a passkey, or the password and a code if they have one. */
export interface Reauthentication extends SentFactor {
  readonly password?: string | null | undefined;
}

/**
 * Signs the viewer in again, in the session of the request.
 *
 * @throws {Unauthenticated} if password, code or passkey is wrong
 * @throws {BadUserInput} if one is missing
 * @throws {Forbidden} without a session
 * @throws {RateLimited}
 */
export type Reauthenticate = (
  unit: UnitOfWork,
  client: Client,
  viewer: SignedInViewer,
  input: Reauthentication,
) => Promise<void>;

/** Creates the repeated sign-in of sessions. */
export function createReauthenticate(
  { version, now }: Pick<AuthDependencies, 'version' | 'now'>,
  passwords: Pick<OwnPasswords, 'verify'>,
  checkFactor: CheckFactor,
): Reauthenticate {
  /** Returns the factor that was shown beside the password, or instead of it; null without a second factor. */
  async function check(
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    { password, ...sent }: Reauthentication,
  ): Promise<FactorKind | null> {
    const asAuth = <T>(work: Work<T>): Promise<T> => unit.as(authScope, work);
    const purpose = `confirm ${requireSessionId(viewer)}` as const;
    // A passkey counts as both factors: its user unlocked it by a PIN or a finger.
    if (isPasskey(sent)) {
      return checkFactor(asAuth, viewer.id, sent, purpose, client);
    }
    if (typeof password !== 'string') {
      throw new BadUserInput('Send the password or a passkey', { field: 'password' });
    }
    await passwords.verify(unit, client, viewer, password);
    if (!(await asAuth((em) => hasSecondFactor(em, viewer.id)))) {
      return null;
    }
    if (typeof sent.code !== 'string') {
      throw new BadUserInput(
        'A second factor is required as well: a code of the authenticator app, or a recovery code',
        {
          field: 'code',
        },
      );
    }
    return checkFactor(asAuth, viewer.id, sent, purpose, client);
  }

  return async (unit, client, viewer, input) => {
    const sessionId = requireSessionId(viewer);
    const factor = await check(unit, client, viewer, input);
    await version.change(
      (work) => unit.as(authScope, work),
      async (em) => {
        await em.execute(
          `update sessions set authenticated_at = ?, second_factor_at = coalesce(?, second_factor_at)
           where id = ? and user_id = ? and ended_at is null`,
          [now(), factor === null ? null : now(), sessionId, viewer.id],
          'run',
        );
        const by = { actorId: viewer.id, address: client.address, now: now() };
        const target = { type: 'session', id: sessionId } as const;
        await recordEvent(em, by, { action: 'session.reauthenticated', target, details: { factor } });
      },
    );
  };
}
