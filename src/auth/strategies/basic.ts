import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { recordEvent } from '../../database/events/record.ts';
import { authScope } from '../../database/scopes.ts';
import type { Client, SignedInViewer } from '../../lib/viewer.ts';
import { RolegateError, TemporaryError } from '../../lib/errors.ts';
import { type AccessCaches, CACHE_SIZE } from '../access-caches.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { requiresSecondFactor } from '../factors/second-factors.ts';
import { type PasswordLogin, recordFailedLogin, wrongLogin } from '../passwords/login.ts';
import { getPrincipal, type Principal, type PrincipalWithPassword, viewerOf } from '../principal.ts';
import { type Strategy, unauthorized } from './strategy.ts';

/** The time for which a verified password is not hashed again, in milliseconds. */
const VERIFIED_FOR = 60_000;

/** A user whose password was verified, and the version of that password. */
type VerifiedUser = Pick<PrincipalWithPassword, 'id' | 'passwordVersion'>;

/** Creates the strategy for HTTP Basic (RFC 7617): user name or e-mail address, and password, with each request. */
export function createBasicStrategy(
  { database, settings, now }: Pick<AuthDependencies, 'database' | 'settings' | 'now'>,
  passwords: PasswordLogin,
  caches: AccessCaches,
): Strategy {
  const verified = createVerifiedLogins(now);
  const users = caches.create<PrincipalWithPassword | null>();

  async function viewer(user: Principal): Promise<SignedInViewer> {
    const graph = await caches.roleGraph();
    const secondFactorRequired = requiresSecondFactor(settings.mfaRequiredRoles, graph, user.assigned);
    return viewerOf(user, graph, { credential: 'Basic', activation: 'all', secondFactorRequired });
  }

  async function knownUser(login: string, password: string): Promise<Principal | null> {
    const user = verified.get(login, password);
    if (user === null) {
      return null;
    }
    const principal = await users.get(user.id, () => database.run(authScope, (em) => getPrincipal(em, user.id)));
    const isCurrent = principal?.active === true && principal.passwordVersion === user.passwordVersion;
    return isCurrent && !principal.hasSecondFactor ? principal : null;
  }

  async function signIn(login: string, password: string, client: Client): Promise<Principal> {
    const candidate = await passwords.verify((work) => database.run(authScope, work), login, password, client);
    if (candidate.hasSecondFactor) {
      const failure = { userId: candidate.id, reason: 'second factor required' } as const;
      await database.run(authScope, (em) => recordFailedLogin(em, client, now(), failure));
      throw wrongLogin();
    }
    const by = { actorId: candidate.id, address: client.address, now: now() };
    const event = { action: 'login.succeeded', details: { credential: 'Basic' } } as const;
    await database.run(authScope, (em) => recordEvent(em, by, event));
    verified.add(login, password, candidate);
    return candidate;
  }

  return {
    credential: 'Basic',
    scheme: 'Basic',
    recognise: ({ header }) => (header?.scheme === 'basic' ? header.parameter : null),
    async verify(text, { client }) {
      const { login, password } = userAndPassword(text);
      return viewer((await knownUser(login, password)) ?? (await signIn(login, password, client)));
    },
    challenge: (error) =>
      error instanceof RolegateError && !(error instanceof TemporaryError)
        ? unauthorized(wrongLogin().message, { 'www-authenticate': 'Basic realm="rolegate", charset="UTF-8"' })
        : null,
  };
}

/**
 * Decodes the credentials of HTTP Basic: base64 in its one canonical spelling (RFC 4648 §3.5 and §4) of UTF-8 text.
 *
 * @throws {Unauthenticated} for anything else: it gets the answer of a wrong password, without a hash
 */
function userAndPassword(text: string): { readonly login: string; readonly password: string } {
  const bytes = Buffer.from(text, 'base64');
  const decoded = bytes.toString('utf8');
  const colon = decoded.indexOf(':');
  const isCanonical = bytes.toString('base64') === text && Buffer.from(decoded, 'utf8').equals(bytes);
  if (!isCanonical || colon === -1) {
    throw wrongLogin();
  }
  return { login: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** The logins that were verified within the last minute. An entry counts only for that version of the password. */
interface VerifiedLogins {
  readonly get: (login: string, password: string) => VerifiedUser | null;
  readonly add: (login: string, password: string, user: VerifiedUser) => void;
}

/** Creates the cache without which each request would cost a hash. Its keys are keyed hashes of login and password. */
function createVerifiedLogins(now: () => Date): VerifiedLogins {
  const key = randomBytes(32);
  const hash = (login: string, password: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([login, password]))
      .digest('base64url');
  const entries = new LRUCache<string, { readonly user: VerifiedUser; readonly until: number }>({ max: CACHE_SIZE });
  return {
    get(login, password) {
      const entry = entries.get(hash(login, password));
      return entry === undefined || entry.until <= now().getTime() ? null : entry.user;
    },
    add(login, password, { id, passwordVersion }) {
      const until = now().getTime() + VERIFIED_FOR;
      entries.set(hash(login, password), { user: { id, passwordVersion }, until });
    },
  };
}
