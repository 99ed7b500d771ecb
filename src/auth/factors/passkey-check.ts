import type { RelyingParty } from '../../config/config.ts';
import { recordEvent } from '../../database/events/record.ts';
import type { Client } from '../../lib/client.ts';
import { Forbidden } from '../../lib/errors.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { type AsAuth, type FailedLogin, recordFailedLogin } from '../passwords/login.ts';
import type { Notices } from '../registration/notices.ts';
import { findPasskey, type KnownPasskey, type Purpose, recordUse, useChallenge } from './passkeys.ts';
import { readAssertion } from './webauthn.ts';

/** A passkey that was shown, and its user. */
export interface ShownPasskey {
  readonly id: string;
  readonly userId: string;
}

/**
 * Checks the response of an authenticator, and uses its challenge up. Returns null if the response is not valid for the
 * purpose, or belongs to another than the owner that is given. Every response costs the same look-ups and one signature.
 */
export type CheckPasskey = (
  asAuth: AsAuth,
  client: Client,
  shown: { readonly response: unknown; readonly purpose: Purpose; readonly ownerId: string | null },
) => Promise<ShownPasskey | null>;

/** @throws {Forbidden} if the server knows no domain to which passkeys could belong */
export function requireRelyingParty({ webauthn }: Pick<AuthDependencies['settings'], 'webauthn'>): RelyingParty {
  if (webauthn === null) {
    throw new Forbidden('This server has no passkeys: its operator sets PUBLIC_URL or WEBAUTHN_RP_ID');
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
