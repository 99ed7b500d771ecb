import { type AuditBy, recordEvent } from '../../database/events/record.ts';
import { authScope } from '../../database/scopes.ts';
import { RateLimited } from '../../lib/errors.ts';
import { emailKeyOf } from '../../lib/names.ts';
import type { Background } from '../background.ts';
import type { AuthParts } from '../dependencies.ts';
import { reserveAttempt, throttleKey } from '../passwords/throttle.ts';

/** How often an address is told within a day that somebody tried to use it. */
const WARNINGS = { failures: 3, windowSeconds: 86_400 };

const TAKEN =
  'Somebody tried to register with this address, which you have registered already. If it was you, sign in, or ask ' +
  'for a new password. If not, do nothing: nothing was changed.\n';

/**
 * Tells the owner of an e-mail address, by a mail, that somebody tried to make a user with it, and the audit trail who
 * tried. They are answered as if they had: nobody waits for this, and nobody's mailbox is filled by what strangers type.
 */
export type WarnOwner = (email: string, by: AuditBy) => void;

export function createWarnOwner(
  { database, mailer, now }: Pick<AuthParts, 'database' | 'mailer' | 'now'>,
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
    await mailer.send({ to: email, subject: 'Your registration', text: TAKEN });
  }
  return (email, by) => background.start('a mail about a taken address', () => warn(email, by));
}
