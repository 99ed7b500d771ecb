import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork, Work } from '../../database/unit-of-work.ts';
import type { Client } from '../../lib/viewer.ts';
import { networkOf } from '../../lib/network.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { releaseAttempt, reserveAttempt, throttleKey } from '../passwords/throttle.ts';
import { getPrincipal } from '../principal.ts';
import type { SignIn } from '../sessions/refresh.ts';
import type { SignIns, Wanted } from '../sessions/sign-in.ts';
import { badPasskey } from './own-passkeys.ts';
import { type CheckPasskey, requireRelyingParty } from './factor-check.ts';
import { hasPasskey, requestOptions } from './passkeys.ts';

/** The number of challenges from one address within an hour: each is a row for five minutes. */
const CHALLENGES = { failures: 1_000, windowSeconds: 3_600 };

export interface PasskeyInput extends Wanted {
  /** The response of a browser that was asked for a passkey. */
  readonly response: unknown;
}

/** The sign-in by a passkey alone, which stands for both factors. */
export interface PasskeySignIns {
  /**
   * Returns the options with which a browser asks for a passkey of any user.
   *
   * @throws {Forbidden} if the server has no passkeys
   * @throws {RateLimited}
   */
  readonly begin: (unit: UnitOfWork, client: Client) => Promise<object>;
  /**
   * Signs in by the response of the browser.
   *
   * @throws {Unauthenticated} if the response is not valid, or its user may not sign in
   * @throws {BadUserInput} {@link Forbidden} {@link Conflict} as {@link SignIns.login}
   * @throws {RateLimited}
   */
  readonly signIn: (unit: UnitOfWork, client: Client, input: PasskeyInput) => Promise<SignIn>;
}

/** Creates the sign-in by a passkey. */
export function createPasskeySignIns(
  { settings, now }: Pick<AuthDependencies, 'settings' | 'now'>,
  signIns: Pick<SignIns, 'byBothFactors'>,
  checkPasskey: CheckPasskey,
  requireFirst: (operation: object) => void,
): PasskeySignIns {
  return {
    async begin(unit, client) {
      const rp = requireRelyingParty(settings);
      requireFirst(unit);
      const allowance = { key: throttleKey('passkey challenges', networkOf(client.address)), limit: CHALLENGES };
      await unit.as(authScope, (em) => reserveAttempt(em, [allowance], now()));
      return unit.as(authScope, (em) => requestOptions(em, rp, 'sign-in', null, now()));
    },
    async signIn(unit, client, { response, ...wanted }) {
      requireRelyingParty(settings);
      requireFirst(unit);
      const asAuth = <T>(work: Work<T>): Promise<T> => unit.as(authScope, work);
      const allowances = [
        { key: throttleKey('login address', networkOf(client.address)), limit: settings.loginLimits.perAddress },
      ];
      await asAuth((em) => reserveAttempt(em, allowances, now()));
      const shown = await checkPasskey(asAuth, client, { response, purpose: 'sign-in', ownerId: null });
      const principal = shown === null ? null : await asAuth((em) => getPrincipal(em, shown.userId));
      if (shown === null || principal === null) {
        throw badPasskey();
      }
      await asAuth((em) => releaseAttempt(em, allowances));
      const isValid = (em: Parameters<typeof hasPasskey>[0]) => hasPasskey(em, shown.id);
      const signedIn = await signIns.byBothFactors(unit, client, principal, wanted, { factor: 'PASSKEY', isValid });
      if (signedIn === null) {
        throw badPasskey();
      }
      return signedIn;
    },
  };
}
