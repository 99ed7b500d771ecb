import { recordEvent } from '../../database/events/record.ts';
import type { Client } from '../../lib/client.ts';
import { type FactorKind, Unauthenticated } from '../../lib/errors.ts';
import { networkOf } from '../../lib/network.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { type AsAuth, recordFailedLogin } from '../passwords/login.ts';
import { releaseAttempt, reserveAttempt, throttleKey } from '../passwords/throttle.ts';
import type { Notices } from '../registration/notices.ts';
import type { CheckPasskey } from './passkey-check.ts';
import type { Purpose } from './passkeys.ts';
import { useCode } from './second-factors.ts';

/** A second factor as a client sends it: a passkey, or a code. */
export interface SentFactor {
  /** A code by time or a recovery code. */
  readonly code?: string | null | undefined;
  /** The response of a browser that was asked for a passkey. */
  readonly passkey?: unknown;
}

/** Creates the one error for every failed second step: of a wrong code, and of a challenge that is not valid. */
export function wrongFactor(): Unauthenticated {
  return new Unauthenticated('The code or the challenge is not valid');
}

/** Returns true if a passkey was sent. */
export function isPasskey({ passkey }: SentFactor): boolean {
  return passkey !== undefined && passkey !== null;
}

/**
 * Checks a second factor of a user, throttled by user and by address, and uses it up. Without a user, since the challenge
 * of the login is not valid, it does the same work and fails.
 *
 * @param purpose what the challenge of a passkey was created for
 * @throws {Unauthenticated} if it is not valid, or was used before
 * @throws {RateLimited} after too many failures for this user or from this address
 */
export type CheckFactor = (
  asAuth: AsAuth,
  userId: string | null,
  sent: SentFactor,
  purpose: Purpose,
  client: Client,
) => Promise<FactorKind>;

/** The number of wrong factors of a user within a day: at ten in 15 minutes, a code would be guessed within months. */
const A_DAY = { failures: 50, windowSeconds: 86_400 };

/** An id that no user has. */
const NO_USER = '00000000-0000-0000-0000-000000000000';

/** Creates the check of second factors. */
export function createFactorCheck(
  { settings, now }: Pick<AuthDependencies, 'settings' | 'now'>,
  checkPasskey: CheckPasskey,
  notices: Notices,
): CheckFactor {
  const { perAccountAndAddress, perAddress } = settings.loginLimits;

  async function checkCode(
    asAuth: AsAuth,
    userId: string | null,
    code: string,
    client: Client,
  ): Promise<FactorKind | null> {
    const { used, email } = await asAuth(async (em) => {
      const used = await useCode(em, userId ?? NO_USER, code, now());
      if (used === null || userId === null) {
        await recordFailedLogin(em, client, now(), { userId, reason: 'wrong code' });
        return { used: null, email: '' };
      }
      if (used === 'RECOVERY_CODE') {
        const by = { actorId: userId, address: client.address, now: now() };
        await recordEvent(em, by, { action: 'factor.recoveryCodeUsed', target: { type: 'user', id: userId } });
      }
      const [owner] = await em.execute<{ email: string }[]>('select email from users where id = ?', [userId]);
      return { used, email: owner?.email ?? '' };
    });
    if (used === 'RECOVERY_CODE') {
      notices.secondFactorChanged(email, 'factor.recoveryCodeUsed');
    }
    return used;
  }

  return async (asAuth, userId, sent, purpose, client) => {
    // A code has a million values: the limits of a user are the same for all addresses together.
    const whose = userId ?? purpose;
    const allowances = [
      { key: throttleKey('second factor', whose), limit: perAccountAndAddress },
      { key: throttleKey('second factor of a day', whose), limit: A_DAY },
      { key: throttleKey('login address', networkOf(client.address)), limit: perAddress },
    ];
    await asAuth((em) => reserveAttempt(em, allowances, now()));
    let factor: FactorKind | null;
    if (isPasskey(sent)) {
      const shown = await checkPasskey(asAuth, client, {
        response: sent.passkey,
        purpose,
        ownerId: userId ?? NO_USER,
      });
      factor = shown === null ? null : 'PASSKEY';
    } else {
      factor = await checkCode(asAuth, userId, sent.code ?? '', client);
    }
    if (factor === null) {
      throw wrongFactor();
    }
    await asAuth((em) => releaseAttempt(em, allowances));
    return factor;
  };
}
