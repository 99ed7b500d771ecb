import { createHmac, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { authScope } from '../database/scopes.ts';
import { BadRequest, RolegateError, TemporaryError } from '../errors.ts';
import { loadRoleGraph, type RoleGraph } from '../roles/role-graph.ts';
import { type ApiKeyState, getApiKey, isUsable } from './api-keys.ts';
import type { Client } from './client.ts';
import { type CredentialSource, offeredCookie, offeredCredential, type OfferedCredential } from './credential.ts';
import { InvalidTokenError, IssuerUnavailableError } from './errors.ts';
import { findOrCreateExternalUser } from './external-users.ts';
import { hashToken, isOpaqueToken } from './opaque-token.ts';
import type { AuthParts } from './parts.ts';
import type { PasswordLogin } from './password-login.ts';
import { getPrincipal, type PrincipalWithPassword, viewerOf } from './principal.ts';
import { badCookie, badPassword, badRequest, badToken, unavailable } from './refusals.ts';
import { isFromOwnPage } from './same-site.ts';
import { serializeCookie } from './session-cookie.ts';
import { getSession, isLive, isUseToBeNoted, type SessionState } from './sessions.ts';
import { createVersionedCache } from './versioned-cache.ts';
import { anonymous, type Credential, type SignedInViewer, type Viewer } from './viewer.ts';

/** How many sessions, keys and users are remembered. */
const CACHE_SIZE = 10_000;
/** How long a password sent with each request is taken as verified, in milliseconds. */
const BASIC_FOR = 60_000;

/** The parts of a request that tell who asks. */
export interface AuthenticationRequest extends CredentialSource {
  readonly client: Client;
}

/** Turns requests into viewers. */
export interface Authenticator {
  /**
   * The viewer of a request: anonymous without a credential.
   *
   * @throws {HttpRefusal} as design §2 says; a bad credential is never anonymous
   */
  readonly authenticate: (request: AuthenticationRequest) => Promise<Viewer>;
  readonly roleGraph: () => Promise<RoleGraph>;
}

/** Creates the one place where a request becomes a viewer. */
export function createAuthenticator(parts: AuthParts, passwords: PasswordLogin): Authenticator {
  const { database, version, tokens, issuer, lifetime, now, settings, cookie } = parts;
  const trusted = (): number | null => (version.isFresh ? version.version : null);
  const sessions = createVersionedCache<SessionState | null>(trusted, CACHE_SIZE);
  const apiKeys = createVersionedCache<ApiKeyState | null>(trusted, CACHE_SIZE);
  const users = createVersionedCache<PrincipalWithPassword | null>(trusted, CACHE_SIZE);
  const external = createVersionedCache<string>(() => 0, CACHE_SIZE);
  const graphs = createVersionedCache<RoleGraph>(() => (version.isFresh ? version.rolesVersion : null), 1);
  const basic = createBasicCache(now);

  const roleGraph = (): Promise<RoleGraph> => graphs.get('graph', () => database.run(authScope, loadRoleGraph));

  async function liveSession(by: 'id' | 'cookie_hash', key: string): Promise<SessionState> {
    const load = (): Promise<SessionState | null> => database.run(authScope, (em) => getSession(em, by, key, now()));
    let session = await sessions.get(`${by} ${key}`, load);
    if (session !== null && isUseToBeNoted(session, now())) {
      sessions.forget(`${by} ${key}`);
      session = await sessions.get(`${by} ${key}`, load);
    }
    if (session === null || !isLive(session, now(), lifetime)) {
      throw new InvalidTokenError('The session has ended or expired, or its user is disabled');
    }
    return session;
  }

  async function viewerOfSession(session: SessionState, credential: Credential): Promise<SignedInViewer> {
    const principal = { ...session, id: session.userId };
    return viewerOf(principal, await roleGraph(), {
      credential,
      sessionId: session.id,
      activation: session.activation,
    });
  }

  async function byAccessToken(token: string): Promise<SignedInViewer> {
    const { sid, sub } = tokens.verify(token);
    const session = await liveSession('id', sid);
    if (session.userId !== sub) {
      throw new InvalidTokenError('The session is of another user');
    }
    return viewerOfSession(session, 'access token');
  }

  async function byCookie(value: string): Promise<SignedInViewer> {
    if (!isOpaqueToken('session', value)) {
      throw new InvalidTokenError('The cookie holds no session');
    }
    return viewerOfSession(await liveSession('cookie_hash', hashToken(value)), 'session cookie');
  }

  async function byApiKey(key: string): Promise<SignedInViewer> {
    if (!isOpaqueToken('key', key)) {
      throw new InvalidTokenError('The API key is malformed');
    }
    const load = (): Promise<ApiKeyState | null> => database.run(authScope, (em) => getApiKey(em, key, now()));
    const found = await apiKeys.get(hashToken(key), load);
    if (found === null || !isUsable(found, now())) {
      throw new InvalidTokenError('The API key is unknown, revoked or expired, or its owner is disabled');
    }
    const { owner, roles, permissions } = found;
    return viewerOf(owner, await roleGraph(), { credential: 'API key', activation: roles, permissions });
  }

  async function byExternalToken(token: string, verifier: NonNullable<AuthParts['issuer']>): Promise<SignedInViewer> {
    const claims = await verifier.verifier.verify(token);
    const userId = await external.get(JSON.stringify([claims.issuer, claims.subject]), () =>
      database.run(authScope, (em) => findOrCreateExternalUser(em, claims, now())),
    );
    const user = await activeUser(userId);
    const principal = { ...user, assigned: [...user.assigned, ...claims.roles] };
    const viewer = viewerOf(principal, await roleGraph(), { credential: 'external token', activation: 'all' });
    if (viewer.permissions === 'all') {
      return viewer;
    }
    return { ...viewer, permissions: new Set([...viewer.permissions, ...claims.permissions]) };
  }

  async function activeUser(id: string): Promise<PrincipalWithPassword> {
    const user = await users.get(id, () => database.run(authScope, (em) => getPrincipal(em, id)));
    if (user === null || !user.active) {
      throw new InvalidTokenError('The user is gone or disabled');
    }
    return user;
  }

  async function byPassword(login: string, password: string, client: Client): Promise<SignedInViewer> {
    const verified = basic.get(login, password);
    const known = verified === null ? null : await activeUser(verified.id);
    if (verified !== null && known?.passwordVersion === verified.passwordVersion) {
      return viewerOf(known, await roleGraph(), { credential: 'Basic', activation: 'all' });
    }
    const candidate = await passwords.verify((work) => database.run(authScope, work), login, password, client);
    basic.add(login, password, candidate);
    return viewerOf(candidate, await roleGraph(), { credential: 'Basic', activation: 'all' });
  }

  function isExternal(token: string): boolean {
    try {
      return issuer !== null && decodeJwt(token).iss === issuer.name;
    } catch {
      return false; // whatever it is, our own verifier says what is wrong with it
    }
  }

  async function byHeader(offered: OfferedCredential, client: Client): Promise<SignedInViewer> {
    if (offered.kind === 'Basic') {
      return byPassword(offered.login, offered.password, client);
    }
    if (offered.kind === 'API key') {
      return byApiKey(offered.token);
    }
    return issuer !== null && isExternal(offered.token)
      ? byExternalToken(offered.token, issuer)
      : byAccessToken(offered.token);
  }

  async function authenticate(request: AuthenticationRequest): Promise<Viewer> {
    const offered = offeredCredential(request, settings.basicAuth);
    const cookieValue = offeredCookie(request, cookie.name);
    const byTheHeader =
      offered && (await byHeader(offered, request.client).catch((error: unknown) => refuse(offered, error)));
    const byTheCookie = cookieValue && (await byCookie(cookieValue).catch((error: unknown) => refuse('cookie', error)));
    if (byTheHeader && byTheCookie && byTheHeader.id !== byTheCookie.id) {
      throw badRequest('The Authorization header and the session cookie are of different people: send one');
    }
    if (byTheCookie && !isFromOwnPage(request, parts.corsOrigins)) {
      throw badRequest('The session cookie is only good on pages of this server and of the origins it lists');
    }
    return byTheHeader || byTheCookie || anonymous;
  }

  function refuse(offered: OfferedCredential | 'cookie', error: unknown): never {
    if (error instanceof InvalidTokenError) {
      throw offered === 'cookie' ? badCookie(error, serializeCookie(cookie, null, null)) : badToken(error);
    }
    if (error instanceof IssuerUnavailableError) {
      throw unavailable('The issuer of the token cannot be reached', error);
    }
    throw error instanceof RolegateError && !(error instanceof TemporaryError) ? badPassword() : error;
  }

  return {
    roleGraph,
    authenticate: (request) =>
      authenticate(request).catch((error: unknown) => {
        throw error instanceof BadRequest ? badRequest(error.message) : error;
      }),
  };
}

interface BasicCache {
  get(login: string, password: string): Pick<PrincipalWithPassword, 'id' | 'passwordVersion'> | null;
  add(login: string, password: string, user: Pick<PrincipalWithPassword, 'id' | 'passwordVersion'>): void;
}

/** Which logins were verified lately, by a keyed hash of both parts; each holds for one version of the password. */
function createBasicCache(now: () => Date): BasicCache {
  const key = randomBytes(32);
  const hash = (login: string, password: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([login, password]))
      .digest('base64url');
  const verified = new Map<string, { user: Pick<PrincipalWithPassword, 'id' | 'passwordVersion'>; until: number }>();
  return {
    get(login, password) {
      const entry = verified.get(hash(login, password));
      return entry === undefined || entry.until <= now().getTime() ? null : entry.user;
    },
    add(login, password, { id, passwordVersion }) {
      verified.set(hash(login, password), { user: { id, passwordVersion }, until: now().getTime() + BASIC_FOR });
      const [oldest] = verified.keys();
      if (verified.size > CACHE_SIZE && oldest !== undefined) {
        verified.delete(oldest);
      }
    },
  };
}
