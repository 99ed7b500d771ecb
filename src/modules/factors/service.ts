import type { AddedPasskey } from '../../auth/factors/own-passkeys.ts';
import type { SecondFactorState } from '../../auth/factors/own-factors.ts';
import type { SentFactor } from '../../auth/factors/factor-check.ts';
import { removeSecondFactors, type TotpEnrolment } from '../../auth/factors/second-factors.ts';
import type { Passkey } from '../../auth/factors/passkeys.ts';
import type { Reauthentication } from '../../auth/factors/step-up.ts';
import { endSessions } from '../../auth/sessions/sessions.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import { authScope } from '../../database/scopes.ts';
import { Forbidden, NotFound } from '../../lib/errors.ts';
import { administer } from '../roles/administer.ts';
import { requireSessionViewer, requireRecentlySignedIn } from '../sessions/service.ts';
import { requireChangeable } from '../users/changeable.ts';

/** Recovery codes, which are shown once. */
export interface RecoveryCodes {
  readonly codes: string[];
}

/** Returns the state of the viewer's second factor. */
export function getSecondFactor({ auth, unit, viewer }: RequestContext): Promise<SecondFactorState> {
  return auth.factors.state(unit, requireSignedIn(viewer));
}

/** Creates a secret for the viewer, which counts once it is confirmed. */
export async function startTotp(context: RequestContext): Promise<TotpEnrolment> {
  return context.auth.factors.begin(context.unit, requireRecentlySignedIn(context));
}

/** Sets up the viewer's second factor. */
export async function confirmTotp(context: RequestContext, code: string): Promise<RecoveryCodes> {
  return {
    codes: await context.auth.factors.confirm(context.unit, context.client, requireRecentlySignedIn(context), code),
  };
}

/** Removes the viewer's authenticator app (TOTP). */
export async function disableTotp(context: RequestContext, sent: SentFactor): Promise<true> {
  await context.auth.factors.disable(context.unit, context.client, requireRecentlySignedIn(context), sent);
  return true;
}

/** Replaces the viewer's recovery codes. */
export async function renewRecoveryCodes(context: RequestContext, sent: SentFactor): Promise<RecoveryCodes> {
  return {
    codes: await context.auth.factors.renew(context.unit, context.client, requireRecentlySignedIn(context), sent),
  };
}

/** Returns the options with which the viewer's browser makes a passkey. */
export async function startPasskey(context: RequestContext): Promise<object> {
  return context.auth.passkeys.begin(context.unit, requireRecentlySignedIn(context));
}

/** Stores the passkey that the viewer's browser has made. */
export async function addPasskey(
  context: RequestContext,
  input: { readonly name: string; readonly response: unknown },
): Promise<AddedPasskey> {
  return context.auth.passkeys.add(context.unit, context.client, requireRecentlySignedIn(context), input);
}

/** Renames a passkey of the viewer. */
export async function renamePasskey(
  context: RequestContext,
  input: { readonly id: string; readonly name: string },
): Promise<Passkey> {
  return context.auth.passkeys.rename(context.unit, context.client, requireSessionViewer(context), input);
}

/** Deletes a passkey of the viewer. */
export async function deletePasskey(context: RequestContext, id: string): Promise<Passkey> {
  return context.auth.passkeys.delete(context.unit, context.client, requireRecentlySignedIn(context), id);
}

/** Returns the options with which the viewer's browser asks for a passkey, to confirm a change. */
export async function startPasskeyConfirmation(context: RequestContext): Promise<object> {
  return context.auth.passkeys.confirmation(context.unit, requireSessionViewer(context));
}

/** Signs the viewer in again, in the session of the request. */
export async function reauthenticate(context: RequestContext, input: Reauthentication): Promise<true> {
  await context.auth.reauthenticate(context.unit, context.client, requireSessionViewer(context), input);
  return true;
}

/**
 * Removes the second factor of another user whom the viewer administers, and ends that user's sessions.
 *
 * @throws {NotFound} {@link Forbidden} by the rules in `modules/roles/rules.ts`
 */
export async function resetSecondFactor(context: RequestContext, userId: string): Promise<true> {
  const viewer = requireRecentlySignedIn(context);
  const email = await administer(
    context,
    async (administration) => {
      const { em } = administration;
      const { user } = await requireChangeable(administration, userId, 'users:write');
      if (user.id === viewer.id) {
        throw new Forbidden('Remove your own second factor in a signed-in session: use disableTotp or deletePasskey');
      }
      if (!(await removeSecondFactors(em, user.id))) {
        throw new NotFound('The user has no second factor');
      }
      const sessions = await endSessions(em, { userId: user.id }, 'second factor reset', context.now());
      const target = { type: 'user', id: user.id } as const;
      await recordEvent(em, auditBy(context), { action: 'factor.reset', target, details: { sessions } });
      return user.email;
    },
    { scope: authScope },
  );
  context.auth.notices.secondFactorChanged(email, 'factor.reset');
  return true;
}
