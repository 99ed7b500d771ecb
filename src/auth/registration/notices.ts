import type { AuditAction } from '../../database/events/actions.ts';
import type { Background, AuthDependencies } from '../dependencies.ts';
import type { Mailer } from './mail.ts';
import { type AuditBy, recordEvent } from '../../database/events/record.ts';
import { authScope } from '../../database/scopes.ts';
import { RateLimited } from '../../lib/errors.ts';
import { emailKeyOf } from '../../lib/names.ts';
import { reserveAttempt, throttleKey } from '../passwords/throttle.ts';

/** Mails that notify users of changes to how they sign in, so that they notice changes by others. */
export interface Notices {
  /** Notifies a user of a changed password. */
  readonly passwordChanged: (email: string) => void;
  /** Notifies a user of a change of the second factor. */
  readonly secondFactorChanged: (email: string, change: FactorChange) => void;
  /** Notifies a user of an identity at an external issuer that was linked or unlinked. */
  readonly identityChanged: (email: string, change: IdentityChange) => void;
  /** Notifies both the previous and the new address of a user. */
  readonly addressChanged: (previous: string, next: string) => void;
  /** Mails the token that confirms an address. */
  readonly confirmAddress: (email: string, token: string) => void;
  /** Notifies the present address of a user that they asked for another one. */
  readonly addressChangeRequested: (email: string) => void;
  /** Notifies the previous address of a user that they have confirmed another one. */
  readonly ownAddressChanged: (previous: string) => void;
  /** Mails the token of an invitation. */
  readonly invited: (email: string, token: string) => void;
}

/** A change of the second factor, by its action in the audit trail. */
export type FactorChange = Exclude<Extract<AuditAction, `factor.${string}`>, 'factor.passkeyRenamed'>;

/** A change of a user's identities, by its action in the audit trail. */
export type IdentityChange = Extract<AuditAction, `identity.${string}`>;

/** Returns false for addresses of the reserved domain "invalid" (RFC 2606), which users without an address have. */
export function isDeliverable(email: string): boolean {
  return !email.toLowerCase().endsWith('.invalid');
}

/** Creates the notices of a process. They are sent in the background. */
export function createNotices(mailer: Mailer, background: Background, publicUrl: string | null): Notices {
  const at = publicUrl === null ? '' : ` at ${publicUrl}`;
  const send = (to: string, subject: string, text: string): void => {
    if (isDeliverable(to)) {
      background.start(`notice "${subject}"`, () => mailer.send({ to, subject, text }));
    }
  };
  return {
    passwordChanged: (email) => send(email, 'Your password was changed', passwordChangedMail(at)),
    secondFactorChanged: (email, change) =>
      send(email, FACTOR_CHANGES[change], signInChangedMail(FACTOR_CHANGES[change], at)),
    identityChanged: (email, change) =>
      send(email, IDENTITY_CHANGES[change], identityChangedMail(IDENTITY_CHANGES[change], at)),
    addressChanged(previous, next) {
      send(previous, 'Your e-mail address was changed', addressChangedMail(at));
      send(next, 'Your e-mail address was changed', newAddressMail(at));
    },
    confirmAddress: (email, token) =>
      send(email, 'Confirm your e-mail address', confirmMail(at, token, pageOf('confirm-email', publicUrl))),
    addressChangeRequested: (email) => send(email, 'Your e-mail address', changeRequestedMail(at)),
    ownAddressChanged: (previous) => send(previous, 'Your e-mail address was changed', ownAddressMail(at)),
    invited: (email, token) =>
      send(email, 'Your invitation', invitationMail(at, token, pageOf('accept-invitation', publicUrl))),
  };
}

/** Returns the words that name the page of the console for a token; empty while the public address is not known. */
export function pageOf(name: string, publicUrl: string | null): string {
  return publicUrl === null ? '' : ` or at ${new URL(`/console/${name}`, publicUrl).href}`;
}

function confirmMail(at: string, token: string, page: string): string {
  return (
    `This address is to be the e-mail address of an account${at}.\n\n` +
    `Confirm it within a day, with the mutation confirmEmail${page}, and this token:\n\n  ${token}\n\n` +
    'If the account is not yours, do nothing.\n'
  );
}

function changeRequestedMail(at: string): string {
  return (
    `Someone, most likely you, asked for another e-mail address of your account${at}. It changes once the other address ` +
    'is confirmed.\n\nIf it was not you, change your password now: then nothing is changed.\n'
  );
}

function ownAddressMail(at: string): string {
  return (
    `The e-mail address of your account${at} was changed, as was asked for in one of your sessions. This address can no ` +
    'longer be used to sign in or to choose a new password.\n\nIf it was not you, notify an administrator.\n'
  );
}

function invitationMail(at: string, token: string, page: string): string {
  return (
    `You are invited to an account${at}.\n\n` +
    `Choose a user name and a password within a week, with the mutation acceptInvitation${page}, and this token:\n\n  ${token}\n\n` +
    'If you do not know of it, do nothing.\n'
  );
}

/** Returns the text of the notice of a changed password. */
function passwordChangedMail(at: string): string {
  return (
    `The password of your account${at} was changed, and your other sessions were ended.\n\n` +
    'If it was not you, request a new password now, and notify an administrator.\n'
  );
}

const FACTOR_CHANGES: Readonly<Record<FactorChange, string>> = {
  'factor.enabled': 'A second factor was set up',
  'factor.disabled': 'Your second factor was removed',
  'factor.reset': 'Your second factor was removed by an administrator',
  'factor.recoveryCodesRenewed': 'Your recovery codes were replaced',
  'factor.recoveryCodeUsed': 'A recovery code was used',
  'factor.passkeyAdded': 'A passkey was added',
  'factor.passkeyDeleted': 'A passkey was deleted',
  'factor.passkeyCopied': 'One of your passkeys may have been copied, and was refused',
};

const IDENTITY_CHANGES: Readonly<Record<IdentityChange, string>> = {
  'identity.linked': 'Another way to sign in was added',
  'identity.unlinked': 'A way to sign in was removed',
};

function signInChangedMail(subject: string, at: string): string {
  return (
    `${subject}, for your account${at}.\n\n` +
    'If it was not you, change your password now, and notify an administrator.\n'
  );
}

function identityChangedMail(subject: string, at: string): string {
  return (
    `${subject}, for your account${at}: an identity at another service.\n\n` +
    'If it was not you, remove what you do not know, change your password, and notify an administrator.\n'
  );
}

function addressChangedMail(at: string): string {
  return (
    `An administrator changed the e-mail address of your account${at}. This address can no longer be used to sign in ` +
    'or to choose a new password; tokens that were mailed to it are void.\n\n' +
    'If you do not know of this change, notify an administrator.\n'
  );
}

function newAddressMail(at: string): string {
  return (
    `An administrator set this address as the e-mail address of an account${at}. You can now sign in with it, or ` +
    'request a new password.\n\nIf the account is not yours, notify an administrator.\n'
  );
}

/** The number of notices to one address within a day. */
const WARNINGS = { failures: 3, windowSeconds: 86_400 };

const DUPLICATE =
  'Someone tried to register or invite this address, which is already registered. If it was you, sign in, or request ' +
  'a new password. If not, do nothing: nothing was changed.\n';

/**
 * Notifies the owner of an e-mail address by mail that a client tried to create a user with it, and records the client
 * in the audit trail. Runs in the background, since the client is answered as if the address were free; the number of
 * mails to one address is limited.
 */
export type WarnOwner = (email: string, by: AuditBy) => void;

export function createWarnOwner(
  { database, mailer, now }: Pick<AuthDependencies, 'database' | 'mailer' | 'now'>,
  background: Background,
): WarnOwner {
  async function record(email: string, by: AuditBy): Promise<void> {
    await database.run(authScope, async (em) => {
      const [owner] = await em.execute<{ id: string }[]>('select id from users where email_key = ?', [
        emailKeyOf(email),
      ]);
      const target = owner === undefined ? null : ({ type: 'user', id: owner.id } as const);
      await recordEvent(em, by, { action: 'user.addressTaken', target });
    });
  }

  async function warn(email: string, by: AuditBy): Promise<void> {
    await record(email, by);
    const allowance = { key: throttleKey('taken address', emailKeyOf(email)), limit: WARNINGS };
    try {
      await database.run(authScope, (em) => reserveAttempt(em, [allowance], now()));
    } catch (error) {
      if (error instanceof RateLimited) {
        return;
      }
      throw error;
    }
    await mailer.send({ to: email, subject: 'Your registration', text: DUPLICATE });
  }
  return (email, by) => background.start('duplicate e-mail notice', () => warn(email, by));
}
