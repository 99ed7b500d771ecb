import { type AuditBy, recordEvent } from '../../database/events/record.ts';
import { authScope } from '../../database/scopes.ts';
import { RateLimited } from '../../lib/errors.ts';
import { emailKeyOf } from '../../lib/names.ts';
import type { AuthDependencies, Background } from '../dependencies.ts';
import { reserveAttempt, throttleKey } from '../passwords/throttle.ts';

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
