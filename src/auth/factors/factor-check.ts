import { recordEvent } from '../../database/events/record.ts';
import type { Client } from '../../lib/viewer.ts';
import { type FactorKind, Unauthenticated, Forbidden } from '../../lib/errors.ts';
import { networkOf } from '../../lib/network.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { type AsAuth, recordFailedLogin, type FailedLogin } from '../passwords/login.ts';
import { releaseAttempt, reserveAttempt, throttleKey } from '../passwords/throttle.ts';
import type { Notices } from '../registration/notices.ts';
import { type Purpose, findPasskey, type KnownPasskey, recordUse, useChallenge } from './passkeys.ts';
import { useCode } from './second-factors.ts';
import type { RelyingParty } from '../../config/config.ts';
import { readAssertion } from './webauthn.ts';

/** A passkey that was shown, and its user. */
export interface ShownPasskey {
  readonly id: string;
  readonly userId: string;
}

/**
 * Checks the response of an authenticator, and deletes its challenge. Returns null if the response is not valid for the
 * purpose, or belongs to another user than the given owner. Every response costs the same look-ups and one signature.
 */
export type CheckPasskey = (
  asAuth: AsAuth,
  client: Client,
  shown: { readonly response: unknown; readonly purpose: Purpose; readonly ownerId: string | null },
) => Promise<ShownPasskey | null>;

/** @throws {Forbidden} if the server knows no domain to which passkeys could belong */
export function requireRelyingParty({ webauthn }: Pick<AuthDependencies['settings'], 'webauthn'>): RelyingParty {
  if (webauthn === null) {
    throw new Forbidden(
      'Passkeys are not available on this server: its operator must set PUBLIC_URL or WEBAUTHN_RP_ID',
    );
  }
  return webauthn;
}

/** Creates the check of passkeys. */
export function createPasskeyCheck(
  { settings, now }: Pick<AuthDependencies, 'settings' | 'now'>,
  notices: Notices,
): CheckPasskey {
  async function recordCopy(asAuth: AsAuth, { address }: Client, { userId }: KnownPasskey): Promise<void> {
    const email = await asAuth(async (em) => {
      const by = { actorId: null, address, now: now() };
      await recordEvent(em, by, { action: 'factor.passkeyCopied', target: { type: 'user', id: userId } });
      const [owner] = await em.execute<{ email: string }[]>('select email from users where id = ?', [userId]);
      return owner?.email ?? '';
    });
    notices.secondFactorChanged(email, 'factor.passkeyCopied');
  }

  return async (asAuth, client, { response, purpose, ownerId }) => {
    const assertion = readAssertion(requireRelyingParty(settings), response);
    const { isExpected, passkey } = await asAuth(async (em) => ({
      isExpected: await useChallenge(em, assertion.challenge, purpose, now()),
      passkey: await findPasskey(em, assertion.credentialId),
    }));
    const counter = await assertion.verify(passkey?.publicKey ?? null);
    // Without a user named by the passkey, the first step must have named one.
    const isOwn = passkey !== null && passkey.userId === (ownerId ?? assertion.userId);
    const isOther = assertion.userId !== null && assertion.userId !== passkey?.userId;
    const failure = { userId: passkey?.userId ?? null, reason: 'bad passkey' } satisfies FailedLogin;
    if (!isExpected || counter === null || !isOwn || isOther || !passkey.active) {
      await asAuth((em) => recordFailedLogin(em, client, now(), failure));
      return null;
    }
    if (!(await asAuth((em) => recordUse(em, passkey.id, counter, now())))) {
      await recordCopy(asAuth, client, passkey);
      return null;
    }
    return { id: passkey.id, userId: passkey.userId };
  };
}

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
 * Checks a second factor of a user, throttled by user and by address, and consumes it. Without a user, if the challenge of
 * the login is not valid, it does the same work and fails.
 *
 * @param purpose the purpose for which the challenge of a passkey was created
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
