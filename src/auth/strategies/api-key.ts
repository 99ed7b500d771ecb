import type { AuthDependencies } from '../dependencies.ts';
import { InvalidTokenError } from '../errors.ts';
import { type ApiKeyState, getApiKey, isUsable } from '../sessions/api-keys.ts';
import { authScope } from '../../database/scopes.ts';
import { hashToken, isOpaqueToken } from '../tokens/opaque-token.ts';
import { viewerOf } from '../principal.ts';
import type { AccessCaches } from '../access-caches.ts';
import { challengeBearer } from './access-token.ts';
import { bearerToken, type Strategy } from './strategy.ts';

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
