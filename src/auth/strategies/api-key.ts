import { v4 as randomUuid, validate as isUuid } from 'uuid';
import type { AuthDependencies } from '../dependencies.ts';
import { InvalidTokenError, NotFound } from '../../lib/errors.ts';
import { authScope } from '../../database/scopes.ts';
import { hashToken, isOpaqueToken, createOpaqueToken } from '../tokens/opaque-token.ts';
import { viewerOf, type Principal } from '../principal.ts';
import type { AccessCaches } from '../access-caches.ts';
import { challengeBearer } from './access-token.ts';
import { bearerToken, type Strategy } from './strategy.ts';
import { type ApiKey, ApiKeyEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { LAST_USE_PRECISION, millis } from '../sessions/sessions.ts';

/** The prefix by which a Bearer token is recognised as an API key. */
const PREFIX = 'rg_key_';

/** Creates the strategy for API keys. */
export function createApiKeyStrategy(
  { database, now }: Pick<AuthDependencies, 'database' | 'now'>,
  caches: AccessCaches,
): Strategy {
  const keys = caches.create<ApiKeyState | null>();
  return {
    credential: 'API key',
    scheme: 'Bearer',
    recognise(presented) {
      const token = bearerToken(presented);
      return token?.startsWith(PREFIX) === true ? token : null;
    },
    async verify(key) {
      if (!isOpaqueToken('key', key)) {
        throw new InvalidTokenError('The API key is malformed');
      }
      const found = await caches.getUsed(keys, hashToken(key), () =>
        database.run(authScope, (em) => getApiKey(em, key, now())),
      );
      if (found === null || !isUsable(found, now())) {
        throw new InvalidTokenError('The API key is unknown, revoked or expired, or its owner is disabled');
      }
      const { owner, roles, permissions, expiresAt } = found;
      return caches.viewer(found, (graph) =>
        viewerOf(owner, graph, { credential: 'API key', expiresAt, activation: roles, permissions }),
      );
    },
    challenge: challengeBearer,
  };
}

export interface NewApiKey {
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly expiresAt: Date | null;
  readonly now: Date;
}

/** Creates an API key. Its text is not stored, and returned only this once. */
export async function createApiKey(em: EntityManager, input: NewApiKey): Promise<{ key: string; apiKey: ApiKey }> {
  const key = createOpaqueToken('key');
  const apiKey = em.create(ApiKeyEntity, {
    id: randomUuid(),
    user: input.userId,
    name: input.name,
    keyHash: hashToken(key),
    roles: [...input.roles],
    permissions: [...input.permissions],
    createdAt: input.now,
    lastUsedAt: null,
    expiresAt: input.expiresAt,
    revokedAt: null,
  });
  await em.flush();
  return { key, apiKey };
}

/**
 * Revokes an API key of the user.
 *
 * @throws {NotFound} if there is none, or it has been revoked
 */
export async function revokeApiKey(em: EntityManager, userId: string, id: string, now: Date): Promise<ApiKey> {
  const apiKey = isUuid(id) ? await em.findOne(ApiKeyEntity, { id, user: userId, revokedAt: null }) : null;
  if (apiKey === null) {
    throw new NotFound('There is no such API key');
  }
  apiKey.revokedAt = now;
  await em.flush();
  return apiKey;
}

/** The state of an API key that is not revoked, and its owner. */
interface ApiKeyState {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly expiresAt: Date | null;
  /** 1970 if it has never been used. */
  readonly lastUsedAt: Date;
  readonly owner: Principal;
}

interface ApiKeyRow extends Omit<Principal, 'id'> {
  readonly userId: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly expires: number | null;
  readonly lastUsed: number | null;
}

const API_KEY_STATE = `
  with used as (
    update api_keys k set last_used_at = ? from users u
    where k.key_hash = ? and k.revoked_at is null and (k.expires_at is null or k.expires_at > ?)
      and (k.last_used_at is null or k.last_used_at < ?) and u.id = k.user_id and u.active returning k.last_used_at)
  select k.user_id as "userId", k.roles, k.permissions, ${millis('k.expires_at')} as expires,
    ${millis('coalesce((select last_used_at from used), k.last_used_at)')} as "lastUsed", u.active,
    u.account_id as "accountId", array(select role from role_assignments where user_id = u.id order by 1) as assigned
  from api_keys k join users u on u.id = k.user_id where k.key_hash = ? and k.revoked_at is null`;

/**
 * Returns the state of an API key, and records its use if it is usable; null if there is none, or it was revoked. Runs
 * one statement.
 */
async function getApiKey(em: EntityManager, key: string, now: Date): Promise<ApiKeyState | null> {
  const keyHash = hashToken(key);
  const recordedBefore = new Date(now.getTime() - LAST_USE_PRECISION);
  const [row] = await em.execute<ApiKeyRow[]>(API_KEY_STATE, [now, keyHash, now, recordedBefore, keyHash]);
  if (row === undefined) {
    return null;
  }
  const { userId, roles, permissions, expires, lastUsed, ...owner } = row;
  return {
    roles,
    permissions,
    expiresAt: expires === null ? null : new Date(expires),
    lastUsedAt: new Date(lastUsed ?? 0),
    owner: { ...owner, id: userId },
  };
}

/** Returns true if the key may be used now. */
function isUsable(key: ApiKeyState, now: Date): boolean {
  return key.owner.active && (key.expiresAt === null || now < key.expiresAt);
}
