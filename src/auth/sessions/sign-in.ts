import { type AuditDetails, recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork, Work } from '../../database/unit-of-work.ts';
import { Conflict, type FactorKind, Forbidden, SecondFactorRequired } from '../../lib/errors.ts';
import { LOWEST_ROLE, requireKnownRoles, type RoleGraph } from '../role-graph.ts';
import type { Client } from '../../lib/viewer.ts';
import type { AuthDependencies } from '../dependencies.ts';
import {
  createLoginChallenge,
  getLoginChallenge,
  type LoginChallenge,
  useLoginChallenge,
} from '../factors/challenges.ts';
import { type CheckFactor, type SentFactor, wrongFactor } from '../factors/factor-check.ts';
import { requestOptions } from '../factors/passkeys.ts';
import { factorsOf } from '../factors/second-factors.ts';
import { type PasswordLogin, recordFailedLogin, wrongLogin } from '../passwords/login.ts';
import { type Activation, getPrincipal, type Principal } from '../principal.ts';
import { hashToken } from '../tokens/opaque-token.ts';
import type { IssueAccessToken, SignIn } from './refresh.ts';
import { endSessions, openSession, type OpenedSession } from './sessions.ts';

/** The options of every sign-in, by any credential. */
export interface Wanted {
  /** The roles to activate; by default all that are assigned at any time. */
  readonly roles?: readonly string[] | null | undefined;
  /** True to keep the session in a cookie. */
  readonly cookie?: boolean | null | undefined;
}

export interface LoginInput extends Wanted {
  /** A user name or an e-mail address. */
  readonly login: string;
  readonly password: string;
}

/** Opens sessions. */
export interface SignIns {
  /**
   * Signs in by password, in a new session.
   *
   * @throws {Unauthenticated} for an unknown user, a wrong password and a disabled user alike
   * @throws {BadUserInput} if a role does not exist
   * @throws {Forbidden} if the user does not hold a role
   * @throws {SecondFactorRequired} if the user has a second factor: no session is opened yet
   * @throws {RateLimited}
   */
  readonly login: (unit: UnitOfWork, client: Client, input: LoginInput) => Promise<SignIn>;
  /**
   * Signs in by a second factor, after the password.
   *
   * @throws {Unauthenticated} if challenge or factor is not valid, without saying which
   * @throws {RateLimited}
   */
  readonly complete: (unit: UnitOfWork, client: Client, challenge: string, sent: SentFactor) => Promise<SignIn>;
  /**
   * Signs in a user who has shown a credential that counts as both factors. Returns null if the user was disabled, or the
   * credential is not valid any more.
   *
   * @throws {BadUserInput} {@link Forbidden} {@link Conflict} as {@link SignIns.login}
   */
  readonly byBothFactors: (
    unit: UnitOfWork,
    client: Client,
    principal: Principal,
    wanted: Wanted,
    shown: { readonly factor: FactorKind; readonly isValid: (em: EntityManager) => Promise<boolean> },
  ) => Promise<SignIn | null>;
  /**
   * Returns the roles that a session of a user activates.
   *
   * @throws {BadUserInput} {@link Forbidden} {@link Conflict} as {@link SignIns.login}
   */
  readonly activationFor: (assigned: readonly string[], roles: readonly string[] | null) => Promise<Activation>;
  /**
   * Opens a session in a cookie for a user whom an issuer has verified, in the caller's transaction. Returns the error that
   * asks for the second factor of a user who has not shown theirs, and null for a user who was disabled since.
   */
  readonly openIssued: (
    em: EntityManager,
    client: Client,
    userId: string,
    signIn: IssuedSignIn,
  ) => Promise<OpenedSession | SecondFactorRequired | null>;
  /** Sets the cookie of a session that was opened, once its transaction is committed, and logs that it was. */
  readonly announce: (client: Client, userId: string, session: OpenedSession) => void;
}

/** A sign-in of a user at an external issuer. */
export interface IssuedSignIn {
  readonly activation: Activation;
  /** True if the issuer has seen a second factor. */
  readonly secondFactor: boolean;
  /** The time of the sign-in there; null: now. */
  readonly authenticatedAt: Date | null;
  /** The id of the issuer in our configuration. */
  readonly issuer: string;
}

export function createSignIns(
  dependencies: AuthDependencies,
  passwords: PasswordLogin,
  checkFactor: CheckFactor,
  issueAccessToken: IssueAccessToken,
  roleGraph: () => Promise<RoleGraph>,
  requireFirst: (operation: object) => void,
): SignIns {
  const { refreshTokens, lifetime, now, log } = dependencies;

  async function login(unit: UnitOfWork, client: Client, input: LoginInput): Promise<SignIn> {
    requireFirst(unit);
    const candidate = await passwords.verify((work) => unit.as(authScope, work), input.login, input.password, client);
    const activation = await activationFor(candidate.assigned, input.roles ?? null);
    const verified: LoginChallenge = {
      userId: candidate.id,
      passwordVersion: candidate.passwordVersion ?? 0,
      activation,
      inCookie: input.cookie === true,
    };
    const opened = await unit.as(authScope, async (em) => {
      const session = await open(em, client, verified, false);
      return session === 'second factor required' ? askForFactor(em, verified) : session;
    });
    if (opened === null) {
      throw wrongLogin();
    }
    if (opened instanceof SecondFactorRequired) {
      throw opened;
    }
    return signedIn(client, candidate, await roleGraph(), opened, { ...verified, secondFactor: false });
  }

  async function activationFor(assigned: readonly string[], roles: readonly string[] | null): Promise<Activation> {
    const graph = await roleGraph();
    const activation = requireActivatable(graph, assigned, roles);
    requireNoClash(graph, activation === 'all' ? assigned : activation);
    return activation;
  }

  async function openIssued(
    em: EntityManager,
    client: Client,
    userId: string,
    { activation, secondFactor, authenticatedAt, issuer }: IssuedSignIn,
  ): Promise<OpenedSession | SecondFactorRequired | null> {
    const verified = { userId, passwordVersion: null, activation, inCookie: true };
    const session = await open(em, client, verified, secondFactor, { issuer });
    if (session === 'second factor required') {
      return askForFactor(em, verified);
    }
    if (session !== null) {
      await em.execute('update sessions set authenticated_at = ? where id = ?', [authenticatedAt, session.id], 'run');
    }
    return session;
  }

  /** Returns the error that asks for a second factor, with a challenge for each kind that the user has. */
  async function askForFactor(em: EntityManager, verified: LoginChallenge): Promise<SecondFactorRequired> {
    const token = await createLoginChallenge(em, verified, now());
    const factors = await factorsOf(em, verified.userId);
    const rp = factors.includes('PASSKEY') ? dependencies.settings.webauthn : null;
    const purpose = `login ${hashToken(token)}` as const;
    const passkey = rp === null ? null : await requestOptions(em, rp, purpose, verified.userId, now());
    return new SecondFactorRequired(token, factors, passkey);
  }

  async function complete(unit: UnitOfWork, client: Client, token: string, sent: SentFactor): Promise<SignIn> {
    requireFirst(unit);
    const challenge = await unit.as(authScope, (em) => getLoginChallenge(em, token, now()));
    // Checked also without a challenge, so that the time does not reveal that there is none.
    const asAuth = <T>(work: Work<T>): Promise<T> => unit.as(authScope, work);
    const factor = await checkFactor(asAuth, challenge?.userId ?? null, sent, `login ${hashToken(token)}`, client);
    if (challenge === null) {
      throw wrongFactor();
    }
    const opened = await unit.as(authScope, async (em) => {
      const principal = await getPrincipal(em, challenge.userId);
      const session = (await useLoginChallenge(em, token)) ? await open(em, client, challenge, true, { factor }) : null;
      return principal === null || session === null || session === 'second factor required'
        ? null
        : { principal, session };
    });
    if (opened === null) {
      throw wrongFactor();
    }
    const { principal, session } = opened;
    return signedIn(client, principal, await roleGraph(), session, { ...challenge, secondFactor: true });
  }

  async function byBothFactors(
    unit: UnitOfWork,
    client: Client,
    principal: Principal,
    { roles, cookie }: Wanted,
    shown: { readonly factor: FactorKind; readonly isValid: (em: EntityManager) => Promise<boolean> },
  ): Promise<SignIn | null> {
    const activation = await activationFor(principal.assigned, roles ?? null);
    const verified = { userId: principal.id, passwordVersion: null, activation, inCookie: cookie === true };
    const opened = await unit.as(authScope, async (em) => {
      const session = await open(em, client, verified, true, { factor: shown.factor });
      if (session === null || session === 'second factor required') {
        return null;
      }
      // A concurrent deletion of the credential waits for the lock of the user, and then ends the session. An earlier one is found here.
      if (!(await shown.isValid(em))) {
        await endSessions(em, { sessionId: session.id }, 'second factor changed', now());
        return null;
      }
      return session;
    });
    return opened === null
      ? null
      : signedIn(client, principal, await roleGraph(), opened, { activation, secondFactor: true });
  }

  /** Opens a session and records that; or records the reason why it was not opened. */
  async function open(
    em: EntityManager,
    client: Client,
    { userId, passwordVersion, activation, inCookie }: LoginChallenge,
    secondFactor: boolean,
    more: AuditDetails = {},
  ): ReturnType<typeof openSession> {
    const opened = await openSession(em, refreshTokens, {
      userId,
      passwordVersion,
      secondFactor,
      activation,
      inCookie,
      client,
      now: now(),
      lifetime,
    });
    if (opened === null) {
      await recordFailedLogin(em, client, now(), { userId, reason: 'changed meanwhile' });
    }
    if (opened !== null && opened !== 'second factor required') {
      const by = { actorId: userId, address: client.address, now: now() };
      const credential = opened.cookie === null ? 'access token' : 'session cookie';
      const details = { credential, roles: activation, ...more };
      await recordEvent(em, by, { action: 'login.succeeded', target: { type: 'session', id: opened.id }, details });
    }
    return opened;
  }

  function announce(client: Client, user: string, session: OpenedSession): void {
    if (session.cookie !== null) {
      client.setSessionCookie(session.cookie, session.expiresAt);
    }
    log.info({ user, session: session.id }, 'signed in');
  }

  /** Returns the tokens of a session that was opened. */
  function signedIn(
    client: Client,
    principal: Principal,
    graph: RoleGraph,
    session: OpenedSession,
    { activation, secondFactor }: { readonly activation: Activation; readonly secondFactor: boolean },
  ): SignIn {
    announce(client, principal.id, session);
    const issued = issueAccessToken(principal, graph, session.id, { activation, secondFactor });
    return { accessToken: issued.token, expiresAt: issued.expiresAt, refreshToken: session.refreshToken };
  }

  return { login, complete, byBothFactors, activationFor, openIssued, announce };
}

/** @throws {Conflict} if the roles may not be activated together */
function requireNoClash(graph: RoleGraph, roles: readonly string[]): void {
  const clash = graph.clashOf(roles, 'DYNAMIC');
  if (clash !== null) {
    throw new Conflict(`${clash.a} and ${clash.b} exclude each other in one session: name the roles to activate`, {
      field: 'roles',
    });
  }
}

function requireActivatable(
  graph: RoleGraph,
  assigned: readonly string[],
  wanted: readonly string[] | null,
): Activation {
  if (wanted === null) {
    return 'all';
  }
  const held = graph.closureOf([...assigned, LOWEST_ROLE]);
  requireKnownRoles(graph, wanted, 'roles', held);
  if (!wanted.every((role) => held.has(role))) {
    throw new Forbidden('Only roles that the user holds can be activated');
  }
  return [...new Set(wanted)];
}
