import type { Background } from '../dependencies.ts';
import type { Mailer } from './mail.ts';

/** Mails that notify users of changes to how they sign in, so that they notice changes by others. */
export interface Notices {
  /** Notifies a user of a changed password. */
  readonly passwordChanged: (email: string) => void;
  /** Notifies both the previous and the new address of a user. */
  readonly addressChanged: (previous: string, next: string) => void;
}

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
    addressChanged(previous, next) {
      send(previous, 'Your e-mail address was changed', addressChangedMail(at));
      send(next, 'Your e-mail address was changed', newAddressMail(at));
    },
  };
}

/** Returns the text of the notice of a changed password. */
export function passwordChangedMail(at: string): string {
  return (
    `The password of your account${at} was changed, and your other sessions were ended.\n\n` +
    'If it was not you, request a new password now, and notify an administrator.\n'
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
