import { type AuditBy, recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork } from '../../database/unit-of-work.ts';
import { BadUserInput, Unauthenticated } from '../../lib/errors.ts';
import type { Client, SignedInViewer } from '../../lib/viewer.ts';
import { hashed, isOverlong } from './hashing.ts';
import { loginKey, placeOfLogin } from './login.ts';
import { createOpaqueToken, hashToken } from '../tokens/opaque-token.ts';
import type { AuthDependencies, Background } from '../dependencies.ts';
import { isDeliverable, type Notices, pageOf } from '../registration/notices.ts';
import { type EndReason, endSessions } from '../sessions/sessions.ts';
import { networkOf } from '../../lib/network.ts';
import { releaseAttempt, reserveAttempt, throttleKey } from './throttle.ts';

/** The time for which a mailed reset token is valid, in milliseconds. */
const RESET_FOR = 3_600_000;
/** The number of reset mails that may be requested within an hour: for one login, and from one address. */
const RESETS = { failures: 3, windowSeconds: 3_600 };
const RESETS_PER_ADDRESS = { failures: 30, windowSeconds: 3_600 };

/** The user whose password is set. It may not be built from their names. */
interface PasswordOwner {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly displayName: string;
  readonly active: boolean;
  readonly passwordHash: string | null;
  readonly passwordVersion: number | null;
}

/** The operations of users on their own passwords. */
export interface OwnPasswords {
  /**
   * Checks the viewer's password, throttled. Returns its owner.
   *
   * @throws {Unauthenticated} if it is wrong
   * @throws {RateLimited}
   */
  readonly verify: (
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    password: string,
  ) => Promise<PasswordOwner>;
  /**
   * Changes the viewer's password and ends their other sessions, in one transaction.
   *
   * @throws {Unauthenticated} if the current one is wrong
   * @throws {BadUserInput} if the next one is too weak; the message says what to do
   */
  readonly change: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, input: PasswordChange) => Promise<void>;
  /**
   * Mails a reset token, if there is such a user. The response does not reveal that: the user is looked up in the
   * background.
   *
   * @throws {RateLimited} after too many requests for this login or from this address
   */
  readonly requestReset: (unit: UnitOfWork, client: Client, login: string) => Promise<void>;
  /**
   * Sets a new password with a mailed token, which then becomes invalid, and ends all sessions.
   *
   * @throws {Unauthenticated} if the token is not valid
   * @throws {BadUserInput} if the password is too weak; the token stays valid
   */
  readonly reset: (unit: UnitOfWork, client: Client, token: string, next: string) => Promise<void>;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
}

/** Creates the operations of users on their own passwords. */
export function createOwnPasswords(
  dependencies: AuthDependencies,
  background: Background,
  notices: Notices,
  requireFirst: (operation: object) => void,
): OwnPasswords {
  const { database, hasher, checkPassword, version, mailer, settings, now, log } = dependencies;

  async function hashNew(
    password: string,
    owner: Pick<PasswordOwner, 'username' | 'email' | 'displayName'>,
  ): Promise<string> {
    const { username, email, displayName } = owner;
    const problems = await checkPassword(password, { username, email, displayName });
    if (problems.length > 0) {
      throw new BadUserInput(problems.map(({ message }) => message).join(' '), { field: 'next' });
    }
    return hashed(() => hasher.hash(password));
  }

  async function throttled(unit: UnitOfWork, client: Client, kind: string, of: string): Promise<void> {
    const allowances = [
      { key: throttleKey(kind, of), limit: RESETS },
      { key: throttleKey(`${kind} address`, networkOf(client.address)), limit: RESETS_PER_ADDRESS },
    ];
    await unit.as(authScope, (em) => reserveAttempt(em, allowances, now()));
  }

  /** Stores a user's own password and ends sessions. Their credentials are invalid when this returns. */
  async function store(
    unit: UnitOfWork,
    client: Client,
    userId: string,
    passwordHash: string,
    ending: { readonly except: string | null; readonly reason: EndReason },
    guard: (em: EntityManager) => Promise<void>,
  ): Promise<void> {
    await version.change(
      (work) => unit.as(authScope, work),
      async (em) => {
        await guard(em);
        await em.execute(
          `insert into credentials as c (user_id, password_hash, updated_at, version) values (?, ?, ?, 1)
           on conflict (user_id) do update set password_hash = excluded.password_hash,
             updated_at = excluded.updated_at, version = c.version + 1`,
          [userId, passwordHash, now()],
          'run',
        );
        await em.execute('delete from password_resets where user_id = ?', [userId], 'run');
        const sessionsEnded = await endSessions(em, { userId, except: ending.except }, ending.reason, now());
        const action = ending.reason === 'password reset' ? 'password.reset' : 'password.changed';
        const target = { type: 'user', id: userId } as const;
        await recordEvent(em, byOwner(client, userId), { action, target, details: { sessionsEnded } });
      },
    );
    log.info({ user: userId }, ending.reason);
  }

  function byOwner({ address }: Client, userId: string): AuditBy {
    return { actorId: userId, address, now: now() };
  }

  async function verify(
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    password: string,
  ): Promise<PasswordOwner> {
    requireFirst(unit);
    if (isOverlong(password)) {
      throw wrongPassword();
    }
    const owner = await unit.as(authScope, (em) => getOwner(em, 'u.id', viewer.id));
    const allowances = [
      { key: throttleKey('own password', viewer.id), limit: settings.loginLimits.perAccountAndAddress },
      { key: throttleKey('login address', networkOf(client.address)), limit: settings.loginLimits.perAddress },
    ];
    await unit.as(authScope, (em) => reserveAttempt(em, allowances, now()));
    const matches = await hashed(() => hasher.verify(password, owner?.passwordHash ?? null));
    if (owner === null || !matches) {
      throw wrongPassword();
    }
    await unit.as(authScope, (em) => releaseAttempt(em, allowances));
    return owner;
  }

  async function change(
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    input: PasswordChange,
  ): Promise<void> {
    const owner = await verify(unit, client, viewer, input.current);
    const passwordHash = await hashNew(input.next, owner);
    const ending = { except: viewer.sessionId, reason: 'password changed' } as const;
    await store(unit, client, owner.id, passwordHash, ending, async (em) => {
      // Another request may have changed it in the meantime, with the same current password.
      const [same] = await em.execute<unknown[]>(
        'select 1 from credentials where user_id = ? and version = ? for update',
        [owner.id, owner.passwordVersion],
      );
      if (same === undefined) {
        throw wrongPassword();
      }
    });
    notices.passwordChanged(owner.email);
  }

  async function requestReset(unit: UnitOfWork, client: Client, login: string): Promise<void> {
    await throttled(unit, client, 'password reset', loginKey(login));
    background.start('password reset mail', () => sendReset(client, login));
  }

  async function sendReset(client: Client, login: string): Promise<void> {
    const owner = await database.run(authScope, (em) => findOwner(em, login));
    if (owner === null || !owner.active || !isDeliverable(owner.email)) {
      return;
    }
    const token = createOpaqueToken('reset');
    const expiresAt = new Date(now().getTime() + RESET_FOR);
    const isIssued = await database.run(authScope, async (em) => {
      // The lock makes a concurrent change of the address wait, and then delete this token, which goes to the present address.
      const issued = await em.execute<unknown[]>(
        `insert into password_resets (token_hash, user_id, created_at, expires_at)
         select ?, u.id, ?, ? from (select id from users where id = ? and username = ? and email = ? and active for share) u
         returning user_id`,
        [hashToken(token), now(), expiresAt, owner.id, owner.username, owner.email],
      );
      if (issued.length > 0) {
        const by = { actorId: null, address: client.address, now: now() };
        await recordEvent(em, by, { action: 'password.resetRequested', target: { type: 'user', id: owner.id } });
      }
      return issued.length > 0;
    });
    if (!isIssued) {
      return;
    }
    await mailer.send({
      to: owner.email,
      subject: 'Choose a new password',
      text: resetMail(token, settings.publicUrl),
    });
  }

  async function reset(unit: UnitOfWork, client: Client, token: string, next: string): Promise<void> {
    requireFirst(unit);
    // Looked up even if the token is malformed, so that all answers take the same time.
    const owner = await unit.as(authScope, (em) => ownerOfReset(em, hashToken(token), now()));
    if (owner === null) {
      throw badResetToken();
    }
    const passwordHash = await hashNew(next, owner);
    const ending = { except: null, reason: 'password reset' } as const;
    await store(unit, client, owner.id, passwordHash, ending, async (em) => {
      const used = await em.execute<unknown[]>('delete from password_resets where token_hash = ? returning user_id', [
        hashToken(token),
      ]);
      if (used.length === 0) {
        throw badResetToken();
      }
      // The token was mailed to the address, which its reader has thereby confirmed.
      await em.execute('update users set email_verified = true where id = ? and not email_verified', [owner.id], 'run');
    });
    log.info({ user: owner.id, address: client.address }, 'a password was reset by mail');
    notices.passwordChanged(owner.email);
  }

  return { verify, change, requestReset, reset };
}

function wrongPassword(): Unauthenticated {
  return new Unauthenticated('The current password is wrong');
}

function badResetToken(): Unauthenticated {
  return new Unauthenticated('The token is not valid: request another mail');
}

const OWNER = `
  select u.id, u.username, u.email, u.display_name as "displayName", u.active, c.password_hash as "passwordHash",
    c.version as "passwordVersion"
  from users u left join credentials c on c.user_id = u.id`;

async function getOwner(em: EntityManager, column: string, value: string): Promise<PasswordOwner | null> {
  const [found] = await em.execute<PasswordOwner[]>(`${OWNER} where ${column} = ?`, [value]);
  return found ?? null;
}

async function findOwner(em: EntityManager, login: string): Promise<PasswordOwner | null> {
  const place = placeOfLogin(login);
  return place === null ? null : getOwner(em, `u.${place.column}`, place.key);
}

async function ownerOfReset(em: EntityManager, tokenHash: string, now: Date): Promise<PasswordOwner | null> {
  const [found] = await em.execute<PasswordOwner[]>(
    `${OWNER} join password_resets r on r.user_id = u.id where r.token_hash = ? and r.kind = 'reset' and r.expires_at > ? and u.active`,
    [tokenHash, now],
  );
  return found ?? null;
}

function resetMail(token: string, publicUrl: string | null): string {
  const at = publicUrl === null ? '' : ` at ${publicUrl}`;
  const page = pageOf('reset-password', publicUrl);
  return (
    `Someone, most likely you, asked for a new password${at}.\n\n` +
    `Choose one within the hour, with the mutation resetPassword${page}, and this token:\n\n  ${token}\n\n` +
    'If it was not you, do nothing: your password stays as it is.\n'
  );
}
