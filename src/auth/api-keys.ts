import { v4 as randomUuid, validate as isUuid } from 'uuid';
import { type ApiKey, ApiKeyEntity } from '../database/entities/index.ts';
import type { EntityManager } from '../database/orm.ts';
import { NotFound } from '../errors.ts';
import { createOpaqueToken, hashToken } from './opaque-token.ts';
import { getPrincipal, type Principal } from './principal.ts';

/** How exact the time of last use is, in milliseconds. */
const LAST_USE_PRECISION = 60_000;

export interface NewApiKey {
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly expiresAt: Date | null;
  readonly now: Date;
}

/** Makes an API key. Its text is not stored: this is the only time that it is seen. */
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
 * Revokes an API key of the user's.
 *
 * @throws {NotFound} when there is none, or it is revoked already
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

/** An API key that may be used, and whose it is. */
export interface ApiKeyState {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date;
  readonly owner: Principal;
}

/** The state of the API key, and notes that it is used now; null when there is none, or it was revoked. */
export async function getApiKey(em: EntityManager, key: string, now: Date): Promise<ApiKeyState | null> {
  const apiKey = await em.findOne(ApiKeyEntity, { keyHash: hashToken(key), revokedAt: null });
  const owner = apiKey === null ? null : await getPrincipal(em, apiKey.user);
  if (apiKey === null || owner === null) {
    return null;
  }
  const { roles, permissions } = apiKey;
  if (now.getTime() - (apiKey.lastUsedAt?.getTime() ?? 0) > LAST_USE_PRECISION) {
    apiKey.lastUsedAt = now;
    await em.flush();
  }
  return { roles, permissions, expiresAt: apiKey.expiresAt ?? null, lastUsedAt: now, owner };
}

/** Whether the key may be used now. */
export function isUsable(key: ApiKeyState, now: Date): boolean {
  return key.owner.active && (key.expiresAt === null || now < key.expiresAt);
}
