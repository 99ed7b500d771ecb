import { authScope } from '../../database/scopes.ts';
import { recordEvent } from '../../database/events/record.ts';
import type { UnitOfWork, Work } from '../../database/unit-of-work.ts';
import type { Client } from '../../lib/client.ts';
import { BadUserInput, Forbidden, StepUpRequired } from '../../lib/errors.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import type { AuthDependencies } from '../dependencies.ts';
import type { OwnPasswords } from '../passwords/own-passwords.ts';
import type { CheckCode } from './code-check.ts';
import { hasSecondFactor } from './second-factors.ts';

/** The age of a sign-in up to which passwords, factors, keys and roles are changed, in milliseconds. */
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

/** The credentials that a viewer shows again in their session. */
export interface Reauthentication {
  readonly password: string;
  /** Required of users with a second factor: a code by time or a recovery code. */
  readonly code?: string | null | undefined;
}

/**
 * Signs the viewer in again, in the session of the request.
 *
 * @throws {Unauthenticated} if password or code is wrong
 * @throws {BadUserInput} if the code is missing
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
  checkCode: CheckCode,
): Reauthenticate {
  return async (unit, client, viewer, { password, code }) => {
    const { id, sessionId } = viewer;
    if (sessionId === null) {
      throw new Forbidden('This needs a signed-in session; API keys, Basic and external tokens are not accepted');
    }
    const asAuth = <T>(work: Work<T>): Promise<T> => unit.as(authScope, work);
    await passwords.verify(unit, client, viewer, password);
    const secondFactor = await asAuth((em) => hasSecondFactor(em, id));
    if (secondFactor && typeof code !== 'string') {
      throw new BadUserInput('The second factor is required too: a code of the app, or a recovery code', {
        field: 'code',
      });
    }
    const factor = secondFactor ? await checkCode(asAuth, id, code ?? '', client) : null;
    await version.change(asAuth, async (em) => {
      await em.execute(
        `update sessions set authenticated_at = ?, second_factor_at = coalesce(?, second_factor_at)
         where id = ? and user_id = ? and ended_at is null`,
        [now(), factor === null ? null : now(), sessionId, id],
        'run',
      );
      const by = { actorId: id, address: client.address, now: now() };
      const target = { type: 'session', id: sessionId } as const;
      await recordEvent(em, by, { action: 'session.reauthenticated', target, details: { factor } });
    });
  };
}
