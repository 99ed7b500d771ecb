import { validate as isUuid } from 'uuid';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import { type ApiKey, ApiKeyEntity, type Session, SessionEntity, UserEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { Work } from '../../database/unit-of-work.ts';
import { BadUserInput, Forbidden, NotFound } from '../../lib/errors.ts';
import { requireName } from '../../lib/names.ts';
import { requireKnownPermissions, requireKnownRoles } from '../../auth/role-graph.ts';
import { equals, isAfter, isEmpty } from '../../paging/condition.ts';
import { type Connection, pageRequest, type PageArguments } from '../../paging/connection.ts';
import { fetchConnection, type ListDefinition } from '../../paging/list.ts';
import { requireRecentSignIn } from '../../auth/factors/step-up.ts';
import { createApiKey, revokeApiKey } from '../../auth/strategies/api-key.ts';
import type { PasswordChange } from '../../auth/passwords/own-passwords.ts';
import { type EndReason, endSessions, type Ending } from '../../auth/sessions/sessions.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import { administer, type Administration, assignedRoles, requireMayChange } from '../roles/administer.ts';
import { isWithinReach } from '../roles/rules.ts';

export type SessionConnection = Connection<Session>;
export type ApiKeyConnection = Connection<ApiKey>;

const MOST_KEYS = 100;

const sessionList: ListDefinition<Session, 'LAST_USED_AT'> = {
  name: 'sessions',
  entity: SessionEntity,
  orders: { LAST_USED_AT: 'lastUsedAt' },
  key: 'id',
};

const apiKeyList: ListDefinition<ApiKey, 'CREATED_AT'> = {
  name: 'api keys',
  entity: ApiKeyEntity,
  orders: { CREATED_AT: 'createdAt' },
  key: 'id',
};

/** Returns the viewer. @throws {Forbidden} if their credential is an API key or Basic */
export function requireSessionViewer({ viewer }: RequestContext): SignedInViewer {
  const person = requireSignedIn(viewer);
  if (person.credential === 'API key' || person.credential === 'Basic') {
    throw new Forbidden('This needs a signed-in session; API keys and Basic are not accepted');
  }
  return person;
}

/**
 * Returns the viewer.
 *
 * @throws {Forbidden} if their credential is an API key or Basic
 * @throws {StepUpRequired} if the last sign-in of the session is more than ten minutes old
 */
export function requireRecentlySignedIn(context: RequestContext): SignedInViewer {
  const person = requireSessionViewer(context);
  requireRecentSignIn(person, context.now());
  return person;
}

const asAuth =
  ({ unit }: RequestContext) =>
  <T>(work: Work<T>): Promise<T> =>
    unit.as(authScope, work);

/** Lists the viewer's sessions that have not ended, most recently used first. */
export function listSessions(context: RequestContext, input: PageArguments): Promise<SessionConnection> {
  const { id } = requireSignedIn(context.viewer);
  const { lifetime } = context.auth;
  const now = context.now();
  return fetchConnection(asAuth(context), context.cursors, {
    list: sessionList,
    order: { field: 'LAST_USED_AT', direction: 'DESC' },
    page: pageRequest(input),
    conditions: [
      equals('user_id', id),
      isEmpty('ended_at'),
      isAfter('expires_at', now),
      isAfter('last_used_at', new Date(now.getTime() - lifetime.idle)),
    ],
  });
}

async function end(context: RequestContext, which: Ending, reason: EndReason): Promise<number> {
  return context.auth.version.change(asAuth(context), (em) => endAndRecord(context, em, which, reason));
}

async function endAndRecord(
  context: RequestContext,
  em: EntityManager,
  which: Ending,
  reason: EndReason,
): Promise<number> {
  const sessions = await endSessions(em, which, reason, context.now());
  const target =
    'sessionId' in which
      ? ({ type: 'session', id: which.sessionId } as const)
      : ({ type: 'user', id: which.userId } as const);
  if (sessions > 0) {
    await recordEvent(em, auditBy(context), { action: 'session.ended', target, details: { reason, sessions } });
  }
  return sessions;
}

/** Ends the session of the request. */
export async function logout(context: RequestContext): Promise<true> {
  const { id, sessionId, credential } = requireSessionViewer(context);
  if (sessionId === null) {
    throw new BadUserInput(
      'There is no session to end: the token comes from an external issuer, where you can sign out',
    );
  }
  await end(context, { sessionId, userId: id }, 'logout');
  if (credential === 'session cookie') {
    context.client.setSessionCookie(null, null);
  }
  return true;
}

/** Ends all sessions of the viewer, including that of the request. */
export async function logoutEverywhere(context: RequestContext): Promise<true> {
  const { id, credential } = requireSessionViewer(context);
  await end(context, { userId: id }, 'logout');
  if (credential === 'session cookie') {
    context.client.setSessionCookie(null, null);
  }
  return true;
}

/**
 * Ends one of the viewer's sessions.
 *
 * @throws {NotFound} if it is not a session of the viewer, or has ended already
 */
export async function endSession(context: RequestContext, sessionId: string): Promise<true> {
  const { id } = requireSessionViewer(context);
  const ended = isUuid(sessionId) ? await end(context, { sessionId, userId: id }, 'ended') : 0;
  if (ended === 0) {
    throw new NotFound('There is no such session');
  }
  return true;
}

/** Changes the viewer's password and ends their other sessions. */
export async function changePassword(context: RequestContext, input: PasswordChange): Promise<true> {
  await context.auth.passwords.change(context.unit, context.client, requireRecentlySignedIn(context), input);
  return true;
}

/** Mails the token that confirms another address of the viewer. */
export async function changeMyEmail(context: RequestContext, email: string): Promise<true> {
  await context.auth.ownEmail.change(context.unit, context.client, requireRecentlySignedIn(context), email);
  return true;
}

/** Lists the viewer's API keys that are not revoked, newest first. */
export function listApiKeys(context: RequestContext, input: PageArguments): Promise<ApiKeyConnection> {
  const { id } = requireSignedIn(context.viewer);
  return fetchConnection(asAuth(context), context.cursors, {
    list: apiKeyList,
    order: { field: 'CREATED_AT', direction: 'DESC' },
    page: pageRequest(input),
    conditions: [equals('user_id', id), isEmpty('revoked_at')],
  });
}

export interface CreateApiKeyInput {
  readonly name: string;
  readonly roles?: readonly string[] | null;
  readonly permissions?: readonly string[] | null;
  readonly expiresAt?: Date | null;
}

export interface CreatedApiKey {
  /** Shown only once. */
  readonly key: string;
  readonly apiKey: ApiKey;
}

/**
 * Creates an API key of the viewer, with at most what the viewer holds.
 *
 * @throws {BadUserInput} if a role or permission does not exist, or the name or the time is not valid
 * @throws {Forbidden} if the viewer does not hold a role or permission
 */
export async function makeApiKey(context: RequestContext, input: CreateApiKeyInput): Promise<CreatedApiKey> {
  const viewer = requireRecentlySignedIn(context);
  const name = requireName(input.name, { what: 'The name of a key', field: 'input.name', longest: 100 });
  const expiresAt = requireExpiry(context, input.expiresAt ?? null);
  const roles = [...new Set(input.roles ?? [])];
  const permissions = [...new Set(input.permissions ?? [])];
  await requireGrantable(context, viewer, roles, permissions);
  return asAuth(context)(async (em) => {
    const held = await em.count(ApiKeyEntity, { user: viewer.id, revokedAt: null });
    if (held >= MOST_KEYS) {
      throw new BadUserInput(`A user has at most ${MOST_KEYS} keys: revoke one first`);
    }
    const created = await createApiKey(em, {
      userId: viewer.id,
      name,
      roles,
      permissions,
      expiresAt,
      now: context.now(),
    });
    const target = { type: 'apiKey', id: created.apiKey.id } as const;
    const details = { roles, permissions, expiresAt: expiresAt?.toISOString() ?? null };
    await recordEvent(em, auditBy(context), { action: 'apiKey.created', target, details });
    return created;
  });
}

const DAY = 24 * 3_600_000;

/** Returns the time at which a key expires: the latest that is allowed, if none is given. */
function requireExpiry({ auth, now }: RequestContext, expiresAt: Date | null): Date | null {
  const latest = auth.apiKeyDays === null ? null : new Date(now().getTime() + auth.apiKeyDays * DAY);
  if (expiresAt !== null && expiresAt <= now()) {
    throw new BadUserInput('The time at which a key expires must be in the future', { field: 'input.expiresAt' });
  }
  if (expiresAt !== null && latest !== null && expiresAt > latest) {
    throw new BadUserInput(`A key is valid for at most ${auth.apiKeyDays} days`, { field: 'input.expiresAt' });
  }
  return expiresAt ?? latest;
}

async function requireGrantable(
  { auth, policy }: RequestContext,
  viewer: SignedInViewer,
  roles: readonly string[],
  permissions: readonly string[],
): Promise<void> {
  const graph = await auth.roleGraph();
  requireKnownRoles(graph, roles, 'input.roles', viewer.roles);
  requireKnownPermissions(policy.permissions, permissions, 'input.permissions', viewer.permissions);
  const { permissions: held } = viewer;
  const isHeld = held === 'all' || permissions.every((permission) => held.has(permission));
  if (!isHeld || !roles.every((role) => viewer.roles.has(role))) {
    throw new Forbidden('A key can hold only roles and permissions that you hold');
  }
}

/**
 * Revokes an API key of the viewer.
 *
 * @throws {NotFound} if it is not a key of the viewer, or is revoked already
 */
export async function endApiKey(context: RequestContext, id: string): Promise<ApiKey> {
  const viewer = requireRecentlySignedIn(context);
  const { auth, now } = context;
  return auth.version.change(asAuth(context), async (em) => {
    const apiKey = await revokeApiKey(em, viewer.id, id, now());
    await recordEvent(em, auditBy(context), { action: 'apiKey.revoked', target: { type: 'apiKey', id: apiKey.id } });
    return apiKey;
  });
}

/**
 * Ends every session of a user whom the viewer administers.
 *
 * @throws {NotFound} {@link Forbidden} by the rules in `modules/roles/rules.ts`
 */
export function endSessionsOfUser(context: RequestContext, userId: string): Promise<true> {
  requireSessionViewer(context);
  const work = async (administration: Administration): Promise<true> => {
    const { em, actor } = administration;
    const user = isUuid(userId) ? await em.findOne(UserEntity, { id: userId }) : null;
    if (user === null || !isWithinReach(actor, user, 'sessions:end')) {
      throw new NotFound('There is no such user');
    }
    requireMayChange(administration, { id: user.id, roles: await assignedRoles(em, user.id) });
    await endAndRecord(context, em, { userId: user.id }, 'ended by an administrator');
    return true;
  };
  return administer(context, work, { scope: authScope });
}
