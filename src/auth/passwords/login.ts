import pLimit from 'p-limit';
import { recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import type { Work } from '../../database/unit-of-work.ts';
import { ServiceUnavailable, Unauthenticated } from '../../lib/errors.ts';
import type { Client } from '../../lib/viewer.ts';
import { emailKeyOf, foldName, isStorable, USERNAME } from '../../lib/names.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { hasFactorOf } from '../factors/second-factors.ts';
import { hashed, isOverlong } from './hashing.ts';
import type { Principal } from '../principal.ts';
import { networkOf } from '../../lib/network.ts';
import { type Allowance, releaseAttempt, reserveAttempt, throttleKey } from './throttle.ts';

/** An address is at most 64 characters, "@" and 255 (RFC 5321 §4.5.3.1): longer logins match no user. */
const LONGEST_LOGIN = 320;

/** The column and the key by which a login is looked up: user name or e-mail address. */
export interface LoginPlace {
  readonly column: 'username' | 'email_key';
  readonly key: string;
}

/** Returns the column and the key of a login; null if no user can have it. */
export function placeOfLogin(login: string): LoginPlace | null {
  if (login.length > LONGEST_LOGIN || !isStorable(login)) {
    return null;
  }
  const key = emailKeyOf(login);
  return { column: USERNAME.test(key) ? 'username' : 'email_key', key };
}

/** Returns the key by which attempts with an unknown login are counted: its spelling makes no difference. */
export function loginKey(login: string): string {
  return foldName(login.slice(0, LONGEST_LOGIN).toWellFormed().trim());
}

/** A user who may sign in by password. */
export interface Candidate extends Principal {
  readonly passwordHash: string | null;
  readonly passwordVersion: number | null;
  /** True if the user has set up a second factor. */
  readonly hasSecondFactor: boolean;
  readonly emailVerified: boolean;
  /** The addresses from which the user has signed in recently. */
  readonly knownAddresses: readonly string[];
}

/** Creates the error for every failed login. It does not reveal whether the user exists or is disabled. */
export function wrongLogin(): Unauthenticated {
  return new Unauthenticated('The login or the password is wrong');
}

const CANDIDATE = `
  select u.id, u.active, u.account_id as "accountId", c.password_hash as "passwordHash", c.version as "passwordVersion",
    ${hasFactorOf('u.id')} as "hasSecondFactor", u.email_verified as "emailVerified",
    array(select role from role_assignments where user_id = u.id order by 1) as assigned,
    array(select s.address from sessions s where s.user_id = u.id and s.created_at > ?
      order by s.last_used_at desc limit ?) as "knownAddresses"
  from users u left join credentials c on c.user_id = u.id`;

/** The time, and the number of sessions, for which an address counts as known. */
const KNOWN_FOR = 30 * 24 * 3_600_000;
const KNOWN_SESSIONS = 50;

/** Finds the user by user name or e-mail address. */
async function findCandidate(em: EntityManager, login: string, now: Date): Promise<Candidate | null> {
  const place = placeOfLogin(login);
  if (place === null) {
    return null;
  }
  const since = new Date(now.getTime() - KNOWN_FOR);
  const sql = `${CANDIDATE} where u.${place.column} = ?`;
  const [found] = await em.execute<Candidate[]>(sql, [since, KNOWN_SESSIONS, place.key]);
  return found ?? null;
}

/** The largest number of queued logins, which take a few seconds. */
const QUEUE_LIMIT = 200;

/** Runs database work in the scope of authentication. */
export type AsAuth = <T>(work: Work<T>) => Promise<T>;

/** The reason why a login failed, for the audit trail. */
export interface FailedLogin {
  /** The user with this login; null if there is none, or it was not looked up. */
  readonly userId: string | null;
  readonly reason:
    | 'unknown user'
    | 'wrong password'
    | 'disabled user'
    | 'overlong password'
    | 'changed meanwhile'
    | 'unconfirmed address'
    | 'second factor required'
    | 'wrong code'
    | 'bad passkey'
    | 'unknown identity'
    | 'refused at the issuer';
}

/** Records a failed login in the audit trail, with the user if there is one, and never with what was typed. */
export async function recordFailedLogin(
  em: EntityManager,
  { address }: Client,
  now: Date,
  { userId, reason }: FailedLogin,
): Promise<void> {
  const target = userId === null ? null : ({ type: 'user', id: userId } as const);
  await recordEvent(em, { actorId: null, address, now }, { action: 'login.failed', target, details: { reason } });
}

/** Checks passwords: throttled, and at equal cost for every user. */
export interface PasswordLogin {
  /**
   * Returns the active user with this login and password. Computes one hash for each attempt, whether or not the user
   * exists; none for an attempt that is throttled or whose password is too long.
   *
   * @throws {Unauthenticated} for an unknown user, no password, a wrong password and a disabled user alike
   * @throws {RateLimited} after too many failures for this user or from this address
   * @throws {ServiceUnavailable} if too many passwords are queued
   */
  readonly verify: (asAuth: AsAuth, login: string, password: string, client: Client) => Promise<Candidate>;
}

/** Creates the password login of a process. */
export function createPasswordLogin({
  hasher,
  settings,
  now,
}: Pick<AuthDependencies, 'hasher' | 'settings' | 'now'>): PasswordLogin {
  // An attempt is reserved right before its hash, so that no more are reserved at once than are computed: queued logins
  // with the right password do not count.
  const turn = pLimit(hasher.concurrency);

  async function attempt(asAuth: AsAuth, login: string, password: string, client: Client): Promise<Candidate> {
    const candidate = await asAuth((em) => findCandidate(em, login, now()));
    const allowances = allowancesFor(settings.loginLimits, login, candidate, client.address);
    await asAuth((em) => reserveAttempt(em, allowances, now()));
    const matches = await hasher.verify(password, candidate?.passwordHash ?? null);
    const reason = refusalOf(candidate, matches, settings);
    if (candidate === null || reason !== null) {
      await asAuth((em) =>
        recordFailedLogin(em, client, now(), { userId: candidate?.id ?? null, reason: reason ?? 'unknown user' }),
      );
      throw wrongLogin();
    }
    await asAuth((em) => releaseAttempt(em, allowances));
    await rehash(asAuth, candidate, password);
    return candidate;
  }

  async function rehash(asAuth: AsAuth, { id, passwordHash }: Candidate, password: string): Promise<void> {
    if (passwordHash === null || !hasher.needsRehash(passwordHash)) {
      return;
    }
    const stronger = await hasher.hash(password);
    const sql = 'update credentials set password_hash = ? where user_id = ? and password_hash = ?';
    await asAuth((em) => em.execute(sql, [stronger, id, passwordHash], 'run'));
  }

  return {
    async verify(asAuth, login, password, client) {
      if (isOverlong(password)) {
        await asAuth((em) => recordFailedLogin(em, client, now(), { userId: null, reason: 'overlong password' }));
        throw wrongLogin();
      }
      if (turn.pendingCount >= QUEUE_LIMIT) {
        throw new ServiceUnavailable('Too many users are signing in: try again soon', 2);
      }
      return hashed(() => turn(() => attempt(asAuth, login, password, client)));
    },
  };
}

function refusalOf(
  candidate: Candidate | null,
  matches: boolean,
  { requireVerifiedEmail }: Pick<AuthDependencies['settings'], 'requireVerifiedEmail'>,
): FailedLogin['reason'] | null {
  if (candidate === null) {
    return 'unknown user';
  }
  if (!matches) {
    return 'wrong password';
  }
  if (!candidate.active) {
    return 'disabled user';
  }
  return requireVerifiedEmail && !candidate.emailVerified ? 'unconfirmed address' : null;
}

/**
 * Returns the limits that an attempt counts against. The limit of the user over all addresses does not apply to networks
 * from which the user has signed in recently: guesses from other networks do not lock users out of their usual ones.
 */
function allowancesFor(
  limits: AuthDependencies['settings']['loginLimits'],
  login: string,
  candidate: Candidate | null,
  address: string,
): Allowance[] {
  const account = candidate?.id ?? loginKey(login);
  const network = networkOf(address);
  const isKnownHere = candidate?.knownAddresses.some((known) => networkOf(known) === network) ?? false;
  const shared = { key: throttleKey('login account', account), limit: limits.perAccount };
  return [
    { key: throttleKey('login account address', account, network), limit: limits.perAccountAndAddress },
    { key: throttleKey('login address', network), limit: limits.perAddress },
    ...(isKnownHere ? [] : [shared]),
  ];
}
