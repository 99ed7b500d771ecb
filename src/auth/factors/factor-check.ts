import { recordEvent } from '../../database/events/record.ts';
import type { Client } from '../../lib/client.ts';
import { type FactorKind, Unauthenticated } from '../../lib/errors.ts';
import { networkOf } from '../../lib/network.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { type AsAuth, recordFailedLogin } from '../passwords/login.ts';
import { releaseAttempt, reserveAttempt, throttleKey } from '../passwords/throttle.ts';
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
 * Checks a second factor of a user, throttled by user and by address, and uses it up.
 *
 * @param purpose what the challenge of a passkey was created for
 * @throws {Unauthenticated} if it is not valid, or was used before
 * @throws {RateLimited} after too many failures for this user or from this address
 */
export type CheckFactor = (
  asAuth: AsAuth,
  userId: string,
  sent: SentFactor,
  purpose: Purpose,
  client: Client,
) => Promise<FactorKind>;

/** Creates the check of second factors. */
export function createFactorCheck(
  { settings, now }: Pick<AuthDependencies, 'settings' | 'now'>,
  checkPasskey: CheckPasskey,
): CheckFactor {
  const { perAccountAndAddress, perAddress } = settings.loginLimits;

  async function checkCode(asAuth: AsAuth, userId: string, code: string, client: Client): Promise<FactorKind | null> {
    return asAuth(async (em) => {
      const used = await useCode(em, userId, code, now());
      if (used === null) {
        await recordFailedLogin(em, client, now(), { userId, reason: 'wrong code' });
      } else if (used === 'RECOVERY_CODE') {
        const by = { actorId: userId, address: client.address, now: now() };
        await recordEvent(em, by, { action: 'factor.recoveryCodeUsed', target: { type: 'user', id: userId } });
      }
      return used;
    });
  }

  return async (asAuth, userId, sent, purpose, client) => {
    // A code has a million values: the limit of a user is the same for all addresses together.
    const allowances = [
      { key: throttleKey('second factor', userId), limit: perAccountAndAddress },
      { key: throttleKey('login address', networkOf(client.address)), limit: perAddress },
    ];
    await asAuth((em) => reserveAttempt(em, allowances, now()));
    let factor: FactorKind | null;
    if (isPasskey(sent)) {
      const shown = await checkPasskey(asAuth, client, { response: sent.passkey, purpose, ownerId: userId });
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
