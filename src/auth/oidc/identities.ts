import { createHash } from 'node:crypto';
import { arrayLiteral } from '../../database/literals.ts';
import type { EntityManager } from '../../database/orm.ts';
import { Conflict, NotFound } from '../../lib/errors.ts';
import { getSession, isLive, millis, type SessionLifetime, endSessions } from '../sessions/sessions.ts';
import { Failure } from './outcome.ts';
import { recordEvent } from '../../database/events/record.ts';
import type { UnitOfWork } from '../../database/unit-of-work.ts';
import type { Client, SignedInViewer } from '../../lib/viewer.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { asAuthOf, requireSessionId } from '../factors/own-factors.ts';
import type { Notices } from '../registration/notices.ts';

/** An identity of a user at an external issuer. */
interface Identity {
  /** An id that stands for (issuer, subject) and does not reveal the subject. */
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  /** The time at which the user linked it; null: a token of the issuer made the user. */
  readonly linkedAt: Date | null;
}

/** Returns the identities of a user. */
async function getIdentities(em: EntityManager, userId: string): Promise<Identity[]> {
  const rows = await em.execute<{ issuer: string; subject: string; linked: number | null }[]>(
    `select issuer, subject, ${millis('linked_at')} as linked from external_identities where user_id = ?
     order by issuer, subject`,
    [userId],
  );
  return rows.map(({ issuer, subject, linked }) => ({
    id: createHash('sha256')
      .update(JSON.stringify([issuer, subject]))
      .digest('base64url'),
    issuer,
    subject,
    linkedAt: linked === null ? null : new Date(linked),
  }));
}

/** Links an identity to a user. Returns the user who has it, which is another one if it was linked before. */
export async function linkIdentity(
  em: EntityManager,
  { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>,
  userId: string,
  now: Date,
): Promise<'linked' | 'linked before' | 'of another user'> {
  const linked = await em.execute<unknown[]>(
    `insert into external_identities (issuer, subject, user_id, linked_at) values (?, ?, ?, ?)
     on conflict do nothing returning user_id`,
    [issuer, subject, userId, now],
  );
  if (linked.length > 0) {
    return 'linked';
  }
  const own = await em.execute<unknown[]>(
    'select 1 from external_identities where issuer = ? and subject = ? and user_id = ?',
    [issuer, subject, userId],
  );
  return own.length > 0 ? 'linked before' : 'of another user';
}

/** Removes an identity of a user. */
async function unlinkIdentity(
  em: EntityManager,
  { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>,
): Promise<void> {
  await em.execute('delete from external_identities where issuer = ? and subject = ?', [issuer, subject], 'run');
}

/** Removes all identities that a user has linked. Returns their number. */
export async function unlinkIdentities(em: EntityManager, userId: string): Promise<number> {
  const removed = await em.execute<unknown[]>(
    'delete from external_identities where user_id = ? and linked_at is not null returning subject',
    [userId],
  );
  return removed.length;
}

/**
 * Checks that a user can still sign in: by a password, by a passkey, or at one of the issuers. A caller that removes one of
 * these locks the user first and calls this afterwards in the same transaction, which an error rolls back.
 *
 * @throws {Conflict} if no way to sign in is left
 */
export async function requireWayToSignIn(
  em: EntityManager,
  userId: string,
  issuers: readonly { readonly issuer: string }[],
): Promise<void> {
  const found = await em.execute<unknown[]>(
    `select 1 from credentials where user_id = ? union all select 1 from passkeys where user_id = ?
     union all select 1 from external_identities where user_id = ? and issuer = any(?::text[]) limit 1`,
    [userId, userId, userId, arrayLiteral(issuers.map(({ issuer }) => issuer))],
  );
  if (found.length === 0) {
    throw new Conflict('This is your last way to sign in: add another one first');
  }
}

/** The user and the session to which a link or a repeated sign-in belongs. */
export interface Own {
  readonly id: string;
  readonly sessionId: string;
}

/**
 * Locks the user of a session that may still be used. Returns the user's e-mail address.
 *
 * @throws {Failure}
 */
export async function lockOwner(
  em: EntityManager,
  { id, sessionId }: Own,
  { now, lifetime }: { readonly now: Date; readonly lifetime: SessionLifetime },
): Promise<string> {
  const [owner] = await em.execute<{ email: string }[]>('select email from users where id = ? for update', [id]);
  const session = await getSession(em, 'id', sessionId, { now, lifetime });
  if (owner === undefined || session === null || session.userId !== id || !isLive(session, now, lifetime)) {
    throw new Failure('SESSION_ENDED');
  }
  return owner.email;
}

/** The operations of users on their own identities at external issuers. */
export interface OwnIdentities {
  readonly list: (unit: UnitOfWork, viewer: SignedInViewer) => Promise<Identity[]>;
  /**
   * Removes an identity of the viewer and ends their other sessions.
   *
   * @throws {NotFound}
   * @throws {Conflict} if it is the last credential
   */
  readonly unlink: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, id: string) => Promise<void>;
}

/** Creates the operations of users on their own identities. */
export function createOwnIdentities(
  {
    version,
    lifetime,
    signInIssuers: issuers,
    now,
  }: Pick<AuthDependencies, 'version' | 'lifetime' | 'signInIssuers' | 'now'>,
  notices: Notices,
): OwnIdentities {
  return {
    list: (unit, { id }) => asAuthOf(unit)((em) => getIdentities(em, id)),
    async unlink(unit, client, viewer, id) {
      const sessionId = requireSessionId(viewer);
      const email = await version.change<string>(asAuthOf(unit), async (em) => {
        const address = await lockOwner(em, { id: viewer.id, sessionId }, { now: now(), lifetime });
        const identity = (await getIdentities(em, viewer.id)).find((own) => own.id === id);
        if (identity === undefined) {
          throw new NotFound('You have no such identity');
        }
        await unlinkIdentity(em, identity);
        await requireWayToSignIn(em, viewer.id, issuers);
        await em.execute('delete from login_challenges where user_id = ?', [viewer.id], 'run');
        const ending = { userId: viewer.id, except: sessionId };
        const sessions = await endSessions(em, ending, 'identity unlinked', now());
        const by = { actorId: viewer.id, address: client.address, now: now() };
        const issuer = issuers.find((known) => known.issuer === identity.issuer)?.id ?? null;
        const target = { type: 'user', id: viewer.id } as const;
        await recordEvent(em, by, { action: 'identity.unlinked', target, details: { issuer, sessions } });
        return address;
      });
      notices.identityChanged(email, 'identity.unlinked');
    },
  };
}
