import { recordEvent } from '../../database/events/record.ts';
import type { Client } from '../../lib/client.ts';
import { type FactorKind, Unauthenticated } from '../../lib/errors.ts';
import { networkOf } from '../../lib/network.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { type AsAuth, recordFailedLogin } from '../passwords/login.ts';
import { releaseAttempt, reserveAttempt, throttleKey } from '../passwords/throttle.ts';
import { useCode } from './second-factors.ts';

/** Creates the one error for every failed second step: of a wrong code, and of a challenge that is not valid. */
export function wrongCode(): Unauthenticated {
  return new Unauthenticated('The code or the challenge is not valid');
}

/**
 * Checks a code by time or a recovery code of a user, throttled by user and by address, and uses it up.
 *
 * @throws {Unauthenticated} if it is not valid, or was used before
 * @throws {RateLimited} after too many failures for this user or from this address
 */
export type CheckCode = (asAuth: AsAuth, userId: string, code: string, client: Client) => Promise<FactorKind>;

/** Creates the check of codes. */
export function createCodeCheck({ settings, now }: Pick<AuthDependencies, 'settings' | 'now'>): CheckCode {
  const { perAccountAndAddress, perAddress } = settings.loginLimits;
  return async (asAuth, userId, code, client) => {
    // A code has a million values: the limit of a user is the same for all addresses together.
    const allowances = [
      { key: throttleKey('second factor', userId), limit: perAccountAndAddress },
      { key: throttleKey('login address', networkOf(client.address)), limit: perAddress },
    ];
    await asAuth((em) => reserveAttempt(em, allowances, now()));
    const factor = await asAuth(async (em) => {
      const used = await useCode(em, userId, code, now());
      if (used === null) {
        await recordFailedLogin(em, client, now(), { userId, reason: 'wrong code' });
      } else if (used === 'RECOVERY_CODE') {
        const by = { actorId: userId, address: client.address, now: now() };
        await recordEvent(em, by, { action: 'factor.recoveryCodeUsed', target: { type: 'user', id: userId } });
      }
      return used;
    });
    if (factor === null) {
      throw wrongCode();
    }
    await asAuth((em) => releaseAttempt(em, allowances));
    return factor;
  };
}
