import pLimit from 'p-limit';
import type { EntityManager } from '../database/orm.ts';
import type { Work } from '../database/unit-of-work.ts';
import { ServiceUnavailable, Unauthenticated } from '../errors.ts';
import { emailKeyOf, foldName, USERNAME } from '../users/identity.ts';
import type { Client } from './client.ts';
import { hashed } from './hashed.ts';
import type { AuthParts } from './parts.ts';
import { isOverlong } from './password-text.ts';
import type { Principal } from './principal.ts';
import { type Allowance, giveBackAttempt, networkOf, reserveAttempt, throttleKey } from './throttle.ts';

/** Somebody whose password may be asked for. */
export interface Candidate extends Principal {
  readonly passwordHash: string | null;
  readonly passwordVersion: number | null;
  /** Whether they signed in from this address in the last 30 days. */
  readonly isKnownHere: boolean;
}

/** One text for every way to fail: who exists, and who is disabled, is not for strangers to know. */
export function wrongLogin(): Unauthenticated {
  return new Unauthenticated('The login or the password is wrong');
}

const CANDIDATE = `
  select u.id, u.active, u.account_id as "accountId", c.password_hash as "passwordHash", c.version as "passwordVersion",
    array(select role from role_assignments where user_id = u.id order by 1) as assigned,
    exists (select 1 from sessions s where s.user_id = u.id and s.address = ? and s.created_at > ?) as "isKnownHere"
  from users u left join credentials c on c.user_id = u.id`;

const KNOWN_FOR = 30 * 24 * 3_600_000;

/** Finds the user by user name or e-mail address. */
async function findCandidate(em: EntityManager, login: string, address: string, now: Date): Promise<Candidate | null> {
  if (login.length > 320 || login.includes('\0') || !login.isWellFormed()) {
    return null;
  }
  const key = emailKeyOf(login);
  const column = USERNAME.test(key) ? 'u.username' : 'u.email_key';
  const since = new Date(now.getTime() - KNOWN_FOR);
  const [found] = await em.execute<Candidate[]>(`${CANDIDATE} where ${column} = ?`, [address, since, key]);
  return found ?? null;
}

/** How many logins may wait for their turn: some seconds' worth. */
const QUEUE_LIMIT = 200;

/** Runs database work as the role of `auth/`. */
export type AsAuth = <T>(work: Work<T>) => Promise<T>;

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
    const candidate = await asAuth((em) => findCandidate(em, login, client.address, now()));
    const allowances = allowancesFor(settings.loginLimits, login, candidate, client.address);
    await asAuth((em) => reserveAttempt(em, allowances, now()));
    const matches = await hasher.verify(password, candidate?.passwordHash ?? null);
    if (candidate === null || !matches || !candidate.active) {
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
  const account = candidate?.id ?? foldName(login);
  const network = networkOf(address);
  const shared = { key: throttleKey('login account', account), limit: limits.perAccount };
  return [
    { key: throttleKey('login account address', account, network), limit: limits.perAccountAndAddress },
    { key: throttleKey('login address', network), limit: limits.perAddress },
    ...(candidate?.isKnownHere === true ? [] : [shared]),
  ];
}
