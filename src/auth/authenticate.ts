import type { Role } from '../generated/access.ts';
import { decodeJwt } from 'jose';
import { recordEvent } from '../database/events/record.ts';
import { authScope } from '../database/scopes.ts';
import { BadRequest, RolegateError, TemporaryError } from '../lib/errors.ts';
import { loadRoleGraph, type RoleGraph } from './role-graph.ts';
import { type ApiKeyState, getApiKey, isUsable } from './sessions/api-keys.ts';
import { createBasicCache } from './passwords/basic-cache.ts';
import type { Client } from '../lib/client.ts';
import {
  type CredentialSource,
  offeredCookie,
  offeredCredential,
  type OfferedCredential,
} from './strategies/credential.ts';
import { InvalidTokenError, IssuerUnavailableError } from './errors.ts';
import { findOrCreateExternalUser } from './oidc/users.ts';
import { hashToken, isOpaqueToken } from './tokens/opaque-token.ts';
import type { AuthParts } from './dependencies.ts';
import type { PasswordLogin } from './passwords/login.ts';
import { getPrincipal, type Principal, type PrincipalWithPassword, viewerOf } from './principal.ts';
import { badCookie, badPassword, badRequest, badToken, unavailable } from './strategies/refusals.ts';
import { isFromOwnPage } from './sessions/allowed-origin.ts';
import { serializeCookie } from './sessions/cookie.ts';
import { getSession, isLive, isUseToBeNoted, type SessionState } from './sessions/sessions.ts';
import { createVersionedCache, type VersionedCache } from './versioned-cache.ts';
import { anonymous, type Credential, type SignedInViewer, type Viewer } from '../lib/viewer.ts';

/** No issuer but this server makes anybody this, by whatever way. */
const HIGHEST_ROLE = 'SUPER_ADMIN' satisfies Role;
/** How many sessions, keys and users are remembered. */
const CACHE_SIZE = 10_000;

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
  const external = createVersionedCache<Principal>(trusted, CACHE_SIZE);
  const graphs = createVersionedCache<RoleGraph>(() => (version.isFresh ? version.rolesVersion : null), 1);
  const basic = createBasicCache(now, CACHE_SIZE);

  /** What sessions and keys amount to, while neither they nor the roles change. */
  const viewers = new WeakMap<object, { readonly graph: RoleGraph; readonly viewer: SignedInViewer }>();

  /** The viewer by what is remembered of a session or a key, made by `make` if it is not known. */
  async function viewerBy(remembered: object, make: (graph: RoleGraph) => SignedInViewer): Promise<SignedInViewer> {
    const graph = await roleGraph();
    const last = viewers.get(remembered);
    if (last?.graph === graph) {
      return last.viewer;
    }
    const viewer = make(graph);
    viewers.set(remembered, { graph, viewer });
    return viewer;
  }

  const roleGraph = (): Promise<RoleGraph> => graphs.get('graph', () => database.run(authScope, loadRoleGraph));

  /** What is known under the key; asked again when its use should be noted. What does not exist takes no place. */
  async function used<State extends { readonly lastUsedAt: Date }>(
    cache: VersionedCache<State | null>,
    key: string,
    load: () => Promise<State | null>,
  ): Promise<State | null> {
    let state = await cache.get(key, load);
    if (state !== null && isUseToBeNoted(state, now())) {
      cache.forget(key);
      state = await cache.get(key, load);
    }
    if (state === null) {
      cache.forget(key);
    }
    return state;
  }

  async function liveSession(by: 'id' | 'cookie_hash', key: string): Promise<SessionState> {
    const session = await used(sessions, `${by} ${key}`, () =>
      database.run(authScope, (em) => getSession(em, by, key, { now: now(), lifetime })),
    );
    if (session === null || !isLive(session, now(), lifetime)) {
      throw new InvalidTokenError('The session has ended or expired, or its user is disabled');
    }
    return session;
  }

  async function viewerOfSession(
    session: SessionState,
    credential: Credential,
    expiresAt: Date,
  ): Promise<SignedInViewer> {
    const viewer = await viewerBy(session, (graph) => {
      const { id: sessionId, userId: id, activation } = session;
      return viewerOf({ ...session, id }, graph, { credential, sessionId, activation });
    });
    // A session may be used by several tokens, each with an end of its own.
    return { ...viewer, credential, expiresAt: session.expiresAt < expiresAt ? session.expiresAt : expiresAt };
  }

  async function byAccessToken(token: string): Promise<SignedInViewer> {
    const { sid, sub, exp } = tokens.verify(token);
    const session = await liveSession('id', sid);
    if (session.userId !== sub) {
      throw new InvalidTokenError('The session is of another user');
    }
    return viewerOfSession(session, 'access token', new Date(exp * 1000));
  }

  async function byCookie(value: string): Promise<SignedInViewer> {
    if (!isOpaqueToken('session', value)) {
      throw new InvalidTokenError('The cookie holds no session');
    }
    const session = await liveSession('cookie_hash', hashToken(value));
    return viewerOfSession(session, 'session cookie', session.expiresAt);
  }

  async function byApiKey(key: string): Promise<SignedInViewer> {
    if (!isOpaqueToken('key', key)) {
      throw new InvalidTokenError('The API key is malformed');
    }
    const found = await used(apiKeys, hashToken(key), () => database.run(authScope, (em) => getApiKey(em, key, now())));
    if (found === null || !isUsable(found, now())) {
      throw new InvalidTokenError('The API key is unknown, revoked or expired, or its owner is disabled');
    }
    const { owner, roles, permissions, expiresAt } = found;
    return viewerBy(found, (graph) =>
      viewerOf(owner, graph, { credential: 'API key', expiresAt, activation: roles, permissions }),
    );
  }

  async function byExternalToken(
    token: string,
    verifier: NonNullable<AuthParts['issuer']>,
    { address }: Client,
  ): Promise<SignedInViewer> {
    const claims = await verifier.verifier.verify(token);
    const user = await external.get(JSON.stringify([claims.issuer, claims.subject]), () =>
      database.run(authScope, (em) => findOrCreateExternalUser(em, claims, { address, now: now() })),
    );
    if (!user.active) {
      throw new InvalidTokenError('The user of the external token is disabled');
    }
    const graph = await roleGraph();
    const claimed = claims.roles.filter((role) => !graph.closureOf([role]).has(HIGHEST_ROLE));
    const principal = { ...user, assigned: [...user.assigned, ...claimed] };
    const { exp = 0 } = decodeJwt(token); // which the verifier has checked
    const expiresAt = new Date(exp * 1000);
    const viewer = viewerOf(principal, graph, { credential: 'external token', expiresAt, activation: 'all' });
    if (viewer.permissions === 'all') {
      return viewer;
    }
    return { ...viewer, permissions: new Set([...viewer.permissions, ...claims.permissions]) };
  }

  async function byPassword(login: string, password: string, client: Client): Promise<SignedInViewer> {
    const verified = basic.get(login, password);
    const known = verified && (await users.get(verified.id, () => principalWithId(verified.id)));
    if (known?.active === true && known.passwordVersion === verified?.passwordVersion) {
      return viewerOf(known, await roleGraph(), { credential: 'Basic', activation: 'all' });
    }
    const candidate = await passwords.verify((work) => database.run(authScope, work), login, password, client);
    const by = { actorId: candidate.id, address: client.address, now: now() };
    const event = { action: 'login.succeeded', details: { credential: 'Basic' } } as const;
    await database.run(authScope, (em) => recordEvent(em, by, event));
    basic.add(login, password, candidate);
    return viewerOf(candidate, await roleGraph(), { credential: 'Basic', activation: 'all' });
  }

  function principalWithId(id: string): Promise<PrincipalWithPassword | null> {
    return database.run(authScope, (em) => getPrincipal(em, id));
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
      ? byExternalToken(offered.token, issuer, client)
      : byAccessToken(offered.token);
  }

  async function authenticate(request: AuthenticationRequest): Promise<Viewer> {
    const offered = offeredCredential(request, settings.basicAuth);
    const cookieValue = offeredCookie(request, cookie.name);
    if (offered === null && cookieValue === null) {
      return anonymous;
    }
    if (!version.isFresh) {
      await version.refresh(); // one point query for all who ask now; the caches serve if nothing has changed
    }
    const byTheHeader =
      offered && (await byHeader(offered, request.client).catch((error: unknown) => refuse(offered.kind, error)));
    const byTheCookie =
      cookieValue === null
        ? null
        : await byCookie(cookieValue).catch((error: unknown) => refuse('session cookie', error));
    if (byTheHeader && byTheCookie && byTheHeader.id !== byTheCookie.id) {
      throw badRequest('The Authorization header and the session cookie are of different people: send one');
    }
    if (byTheCookie && !isFromOwnPage(request, parts.corsOrigins, cookie)) {
      throw badRequest('The session cookie is only good on pages of this server and of the origins it lists');
    }
    return byTheHeader ?? byTheCookie ?? anonymous;
  }

  /** The challenge names the scheme that was presented. */
  function refuse(offered: OfferedCredential['kind'] | 'session cookie', error: unknown): never {
    if (error instanceof IssuerUnavailableError) {
      throw unavailable('The issuer of the token cannot be reached', error);
    }
    if (error instanceof InvalidTokenError) {
      throw offered === 'session cookie' ? badCookie(error, serializeCookie(cookie, null, null)) : badToken(error);
    }
    const isWrongLogin = offered === 'Basic' && error instanceof RolegateError && !(error instanceof TemporaryError);
    throw isWrongLogin ? badPassword() : error;
  }

  return {
    roleGraph,
    authenticate: (request) =>
      authenticate(request).catch((error: unknown) => {
        throw error instanceof BadRequest ? badRequest(error.message) : error;
      }),
  };
}
