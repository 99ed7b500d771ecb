import pLimit from 'p-limit';
import { recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import type { Work } from '../../database/unit-of-work.ts';
import { ServiceUnavailable, Unauthenticated } from '../../lib/errors.ts';
import type { Client } from '../../lib/client.ts';
import { hashed } from './hashed.ts';
import { loginKey, placeOfLogin } from './login-name.ts';
import type { AuthParts } from '../dependencies.ts';
import { isOverlong } from './password-text.ts';
import type { Principal } from '../principal.ts';
import { networkOf } from '../../lib/network.ts';
import { type Allowance, giveBackAttempt, reserveAttempt, throttleKey } from './throttle.ts';

/** Somebody whose password may be asked for. */
export interface Candidate extends Principal {
  readonly passwordHash: string | null;
  readonly passwordVersion: number | null;
  /** From where they signed in lately. */
  readonly knownAddresses: readonly string[];
}

/** One text for every way to fail: who exists, and who is disabled, is not for strangers to know. */
export function wrongLogin(): Unauthenticated {
  return new Unauthenticated('The login or the password is wrong');
}

const CANDIDATE = `
  select u.id, u.active, u.account_id as "accountId", c.password_hash as "passwordHash", c.version as "passwordVersion",
    array(select role from role_assignments where user_id = u.id order by 1) as assigned,
    array(select s.address from sessions s where s.user_id = u.id and s.created_at > ?
      order by s.last_used_at desc limit ?) as "knownAddresses"
  from users u left join credentials c on c.user_id = u.id`;

/** How long, and in how many sessions, an address that was signed in from is remembered. */
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

/** How many logins may wait for their turn: some seconds' worth. */
const QUEUE_LIMIT = 200;

/** Runs database work as the role of `auth/`. */
export type AsAuth = <T>(work: Work<T>) => Promise<T>;

/** Why a login failed: for administrators, who find it in the audit trail. */
export interface FailedLogin {
  /** Whose login it was; null: nobody's, or it was not looked up. */
  readonly userId: string | null;
  readonly reason: 'unknown user' | 'wrong password' | 'disabled user' | 'overlong password' | 'changed meanwhile';
}

/** Notes a failed login in the audit trail: whom it was for, if that is somebody, and never what was typed. */
export async function recordFailedLogin(
  em: EntityManager,
  { address }: Client,
  now: Date,
  { userId, reason }: FailedLogin,
): Promise<void> {
  const target = userId === null ? null : ({ type: 'user', id: userId } as const);
  await recordEvent(em, { actorId: null, address, now }, { action: 'login.failed', target, details: { reason } });
}

/** Checks passwords: throttled, at equal cost whoever they are for. */
export interface PasswordLogin {
  /**
   * The user whose login and password these are, and who is active. One hash is computed for each attempt, whoever it
   * is for; none for one that is throttled or too long.
   *
   * @throws {Unauthenticated} unknown user, no password, wrong password, disabled user: told apart by nothing
   * @throws {RateLimited} too many failures for this account or from this address
   * @throws {ServiceUnavailable} too many passwords wait to be checked
   */
  readonly verify: (asAuth: AsAuth, login: string, password: string, client: Client) => Promise<Candidate>;
}

/** Creates the check of passwords of a process. */
export function createPasswordLogin({
  hasher,
  settings,
  now,
}: Pick<AuthParts, 'hasher' | 'settings' | 'now'>): PasswordLogin {
  // An attempt is reserved right before its hash, so that no more are reserved at once than are computed: logins with
  // the right password that wait for their turn are counted as nothing.
  const turn = pLimit(hasher.concurrency);

  async function attempt(asAuth: AsAuth, login: string, password: string, client: Client): Promise<Candidate> {
    const candidate = await asAuth((em) => findCandidate(em, login, now()));
    const allowances = allowancesFor(settings.loginLimits, login, candidate, client.address);
    await asAuth((em) => reserveAttempt(em, allowances, now()));
    const matches = await hasher.verify(password, candidate?.passwordHash ?? null);
    if (candidate === null || !matches || !candidate.active) {
      const reason = candidate === null ? 'unknown user' : matches ? 'disabled user' : 'wrong password';
      await asAuth((em) => recordFailedLogin(em, client, now(), { userId: candidate?.id ?? null, reason }));
      throw wrongLogin();
    }
    await asAuth((em) => giveBackAttempt(em, allowances));
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
        throw new ServiceUnavailable('Too many people are signing in: try again soon', 2);
      }
      return hashed(() => turn(() => attempt(asAuth, login, password, client)));
    },
  };
}

/**
 * What an attempt counts against. The limit that all addresses share does not bind those from which the user has
 * signed in lately: strangers' guesses do not lock anybody out of where they usually are.
 */
function allowancesFor(
  limits: AuthParts['settings']['loginLimits'],
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
