import type { AuditBy } from '../../database/events/record.ts';
import { arrayLiteral } from '../../database/literals.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork } from '../../database/unit-of-work.ts';
import { RateLimited, Unauthenticated } from '../../lib/errors.ts';
import { emailKeyOf } from '../../lib/names.ts';
import type { AuthDependencies, Background } from '../dependencies.ts';
import { reserveAttempt, throttleKey } from '../passwords/throttle.ts';
import { createOpaqueToken, hashToken } from '../tokens/opaque-token.ts';
import type { WarnOwner, Notices } from './notices.ts';

/** The time for which an invitation is valid, in milliseconds. */
const INVITED_FOR = 7 * 24 * 3_600_000;
/** The number of invitations by one user within an hour, and of mails to one address within a day. */
const INVITATIONS = { failures: 100, windowSeconds: 3_600 };
const MAILS = { failures: 3, windowSeconds: 86_400 };

/** An invitation, with the properties of the user whom it creates. */
export interface Invitation {
  readonly email: string;
  readonly roles: readonly string[];
  readonly accountId: string | null;
  readonly invitedBy: string;
}

/** Issues invitations, which are accepted by mailed tokens. */
export interface Invitations {
  /**
   * Stores an invitation and mails its token. Runs alike for an address that a user has: that user is notified instead,
   * in the background. An earlier invitation of the address by the same user becomes invalid.
   *
   * @throws {RateLimited} after too many invitations by this user
   */
  readonly issue: (unit: UnitOfWork, invitation: Invitation, by: AuditBy) => Promise<void>;
  /** Returns the invitation of a valid token whose inviter may still sign in; null for any other text. */
  readonly find: (em: EntityManager, token: string) => Promise<Invitation | null>;
  /**
   * Makes the token invalid, and all other invitations of the address.
   *
   * @throws {Unauthenticated} if another request has used it
   */
  readonly consume: (em: EntityManager, token: string, invitation: Invitation) => Promise<void>;
}

/** Creates the error for a token that is not valid: expired, used, of another kind, or truncated. All get the same error. */
export function badInvitation(): Unauthenticated {
  return new Unauthenticated('The token is not valid: ask for another invitation');
}

async function consume(em: EntityManager, token: string, { email }: Invitation): Promise<void> {
  const used = await em.execute<unknown[]>('delete from invitations where token_hash = ? returning email_key', [
    hashToken(token),
  ]);
  if (used.length === 0) {
    throw badInvitation();
  }
  await em.execute('delete from invitations where email_key = ?', [emailKeyOf(email)], 'run');
}

/** Creates the invitations of a process. */
export function createInvitations(
  { database, now }: Pick<AuthDependencies, 'database' | 'now'>,
  background: Background,
  notices: Notices,
  warnOwner: WarnOwner,
): Invitations {
  async function issue(unit: UnitOfWork, invitation: Invitation, by: AuditBy): Promise<void> {
    const { email, roles, accountId, invitedBy } = invitation;
    const token = createOpaqueToken('invite');
    const allowance = { key: throttleKey('invitations', invitedBy), limit: INVITATIONS };
    await unit.as(authScope, async (em) => {
      await reserveAttempt(em, [allowance], now());
      const key = emailKeyOf(email);
      await em.execute('delete from invitations where email_key = ? and invited_by_id = ?', [key, invitedBy], 'run');
      await em.execute(
        `insert into invitations (token_hash, email, email_key, roles, account_id, invited_by_id, created_at, expires_at)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          hashToken(token),
          email,
          key,
          arrayLiteral(roles),
          accountId,
          invitedBy,
          now(),
          new Date(now().getTime() + INVITED_FOR),
        ],
        'run',
      );
    });
    background.start('mail of an invitation', () => mail(email, token, by));
  }

  async function mail(email: string, token: string, by: AuditBy): Promise<void> {
    const key = emailKeyOf(email);
    const owners = await database.run(authScope, (em) =>
      em.execute<unknown[]>('select 1 from users where email_key = ?', [key]),
    );
    if (owners.length > 0) {
      warnOwner(email, by);
      return;
    }
    const allowance = { key: throttleKey('invited address', key), limit: MAILS };
    try {
      await database.run(authScope, (em) => reserveAttempt(em, [allowance], now()));
    } catch (error) {
      if (error instanceof RateLimited) {
        return; // The address may be another person's, whose mailbox must not be filled.
      }
      throw error;
    }
    notices.invited(email, token);
  }

  async function find(em: EntityManager, token: string): Promise<Invitation | null> {
    const [found] = await em.execute<Invitation[]>(FIND, [hashToken(token), now()]);
    return found ?? null;
  }

  return { issue, find, consume };
}

const FIND = `
  select i.email, i.roles, i.account_id as "accountId", i.invited_by_id as "invitedBy"
  from invitations i join users u on u.id = i.invited_by_id
  where i.token_hash = ? and i.expires_at > ? and u.active`;
