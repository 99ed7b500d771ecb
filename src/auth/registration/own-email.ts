import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { type AuditBy, recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork } from '../../database/unit-of-work.ts';
import type { Client, SignedInViewer } from '../../lib/viewer.ts';
import { BadUserInput, RateLimited, Unauthenticated } from '../../lib/errors.ts';
import { emailKeyOf } from '../../lib/names.ts';
import { networkOf } from '../../lib/network.ts';
import type { AuthDependencies, Background } from '../dependencies.ts';
import { loginKey, placeOfLogin } from '../passwords/login.ts';
import { reserveAttempt, throttleKey } from '../passwords/throttle.ts';
import { createOpaqueToken, hashToken } from '../tokens/opaque-token.ts';
import type { WarnOwner, Notices } from './notices.ts';

/** RFC 5321 §4.5.3.1, less the angle brackets of §4.1.2. */
const LONGEST_EMAIL = 254;
/** The time for which a token that confirms an address is valid, in milliseconds. */
const CONFIRM_FOR = 24 * 3_600_000;
/** The number of mails that may be requested within an hour: by one user, and from one address. */
const CHANGES = { failures: 3, windowSeconds: 3_600 };
const CHANGES_PER_ADDRESS = { failures: 30, windowSeconds: 3_600 };
/** The number of mails to a user who has not confirmed the address, which may be another's, within a day. */
const CONFIRMATIONS = { failures: 5, windowSeconds: 86_400 };

/** The operations of users on their own e-mail addresses. */
export interface OwnEmail {
  /**
   * Mails a token to the address that the viewer wants to have, and notifies the present one. The answer does not reveal
   * that another user has the address: that user is notified instead.
   *
   * @throws {BadUserInput} if the address is too long
   * @throws {RateLimited}
   */
  readonly change: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, email: string) => Promise<void>;
  /**
   * Mails the token that confirms the address of a sign-up again, if there is such a user who has not confirmed it. The
   * answer does not reveal that: the user is looked up in the background.
   *
   * @throws {RateLimited} after too many requests for this login or from this address
   */
  readonly requestAgain: (unit: UnitOfWork, client: Client, login: string) => Promise<void>;
  /**
   * Confirms an address by its mailed token, which then becomes invalid: the user has that address from then on.
   *
   * @throws {Unauthenticated} if the token is not valid, or another user has got the address in the meantime
   */
  readonly confirm: (unit: UnitOfWork, client: Client, token: string) => Promise<void>;
}

/** @throws {BadUserInput} if the address is too long */
export function requireEmailLength(email: string, field: string): void {
  if (email.length > LONGEST_EMAIL) {
    throw new BadUserInput(`An address is at most ${LONGEST_EMAIL} characters`, { field });
  }
}

/** Creates a token that confirms an address of a user, and stores its hash. Earlier ones become invalid. */
export async function issueEmailToken(em: EntityManager, userId: string, email: string, now: Date): Promise<string> {
  const token = createOpaqueToken('email');
  await em.execute(`delete from password_resets where user_id = ? and kind = 'email'`, [userId], 'run');
  await em.execute(
    `insert into password_resets (token_hash, user_id, kind, email, created_at, expires_at)
     values (?, ?, 'email', ?, ?, ?)`,
    [hashToken(token), userId, email, now, new Date(now.getTime() + CONFIRM_FOR)],
    'run',
  );
  return token;
}

/** Creates the operations of users on their own e-mail addresses. */
export function createOwnEmail(
  { database, now, log }: Pick<AuthDependencies, 'database' | 'now' | 'log'>,
  background: Background,
  notices: Notices,
  warnOwner: WarnOwner,
): OwnEmail {
  async function change(unit: UnitOfWork, client: Client, viewer: SignedInViewer, email: string): Promise<void> {
    requireEmailLength(email, 'email');
    const allowances = [
      { key: throttleKey('own address', viewer.id), limit: CHANGES },
      { key: throttleKey('own address network', networkOf(client.address)), limit: CHANGES_PER_ADDRESS },
    ];
    await unit.as(authScope, (em) => reserveAttempt(em, allowances, now()));
    // In the background, so that the time of the answer does not depend on the address being taken.
    background.start('confirmation of an address', () => mailToken(client, viewer.id, email));
  }

  async function mailToken(client: Client, userId: string, email: string): Promise<void> {
    const by: AuditBy = { actorId: userId, address: client.address, now: now() };
    const issued = await database.run(authScope, async (em): Promise<Issued> => {
      const [user] = await em.execute<{ email: string }[]>(
        'select email from users where id = ? and active for share',
        [userId],
      );
      const [owner] = await em.execute<{ id: string }[]>('select id from users where email_key = ?', [
        emailKeyOf(email),
      ]);
      if (user === undefined || (owner !== undefined && owner.id !== userId)) {
        return { token: null, isTaken: owner !== undefined };
      }
      await recordEvent(em, by, { action: 'user.emailChangeRequested', target: { type: 'user', id: userId } });
      return { token: await issueEmailToken(em, userId, email, now()), previous: user.email };
    });
    if (issued.token !== null) {
      notices.confirmAddress(email, issued.token);
      notices.addressChangeRequested(issued.previous);
    } else if (issued.isTaken) {
      warnOwner(email, by);
    }
  }

  async function requestAgain(unit: UnitOfWork, client: Client, login: string): Promise<void> {
    const allowances = [
      { key: throttleKey('confirmation', loginKey(login)), limit: CHANGES },
      { key: throttleKey('own address network', networkOf(client.address)), limit: CHANGES_PER_ADDRESS },
    ];
    await unit.as(authScope, (em) => reserveAttempt(em, allowances, now()));
    background.start('another confirmation of an address', () => mailAgain(client, login));
  }

  async function mailAgain(client: Client, login: string): Promise<void> {
    const place = placeOfLogin(login);
    if (place === null) {
      return;
    }
    const issue = database.run(authScope, async (em) => {
      const [user] = await em.execute<{ id: string; email: string }[]>(
        `select id, email from users where ${place.column} = ? and active and not email_verified for share`,
        [place.key],
      );
      if (user === undefined) {
        return null;
      }
      const allowance = { key: throttleKey('confirmation mails', user.id), limit: CONFIRMATIONS };
      await reserveAttempt(em, [allowance], now());
      const by = { actorId: null, address: client.address, now: now() };
      const target = { type: 'user', id: user.id } as const;
      await recordEvent(em, by, { action: 'user.emailConfirmationRequested', target });
      return { email: user.email, token: await issueEmailToken(em, user.id, user.email, now()) };
    });
    const issued = await issue.catch((error: unknown) => {
      if (error instanceof RateLimited) {
        return null; // The address may be another person's, whose mailbox must not be filled.
      }
      throw error;
    });
    if (issued !== null) {
      notices.confirmAddress(issued.email, issued.token);
    }
  }

  async function confirm(unit: UnitOfWork, client: Client, token: string): Promise<void> {
    // Looked up even if the token is malformed, so that all answers take the same time.
    const confirmed = await unit.as(authScope, (em) => redeem(em, client, hashToken(token))).catch(takenMeanwhile);
    if (confirmed === null) {
      throw new Unauthenticated('The token is not valid: request another mail');
    }
    log.info({ user: confirmed.userId }, 'an e-mail address was confirmed');
    if (emailKeyOf(confirmed.previous) !== emailKeyOf(confirmed.email)) {
      notices.ownAddressChanged(confirmed.previous);
    }
  }

  async function redeem(em: EntityManager, client: Client, tokenHash: string): Promise<Confirmed | null> {
    const [found] = await em.execute<Confirmed[]>(REDEEM, [tokenHash, now()]);
    if (found === undefined) {
      return null;
    }
    const { userId, email } = found;
    await em.execute('delete from password_resets where token_hash = ?', [tokenHash], 'run');
    await em.execute(
      `update users set email = ?, email_key = ?, email_verified = true, updated_at = ?, version = version + 1
       where id = ?`,
      [email, emailKeyOf(email), now(), userId],
      'run',
    );
    const by = { actorId: userId, address: client.address, now: now() };
    await recordEvent(em, by, { action: 'user.emailConfirmed', target: { type: 'user', id: userId } });
    return found;
  }

  return { change, requestAgain, confirm };
}

type Issued =
  | { readonly token: string; readonly previous: string }
  | { readonly token: null; readonly isTaken: boolean };

interface Confirmed {
  readonly userId: string;
  readonly email: string;
  readonly previous: string;
}

const REDEEM = `
  select u.id as "userId", r.email, u.email as previous from password_resets r join users u on u.id = r.user_id
  where r.token_hash = ? and r.kind = 'email' and r.expires_at > ? and u.active for update`;

/** Returns null if another user has taken the address since the token was mailed; throws any other error. */
function takenMeanwhile(error: unknown): null {
  if (error instanceof UniqueConstraintViolationException) {
    return null;
  }
  throw error;
}
