import type { AccessCaches } from '../access-caches.ts';
import type { AuthDependencies } from '../dependencies.ts';
import type { PasswordLogin } from '../passwords/login.ts';
import { createLiveSessions } from '../sessions/live-sessions.ts';
import type { Views } from '../view-as.ts';
import { createAccessTokenStrategy } from './access-token.ts';
import { createApiKeyStrategy } from './api-key.ts';
import { createBasicStrategy } from './basic.ts';
import { createExternalTokenStrategy } from './external-token.ts';
import { createSessionCookieStrategy } from './session-cookie.ts';
import type { Strategy } from './strategy.ts';

/** Creates the strategies of the credentials that are accepted. The first that recognises a credential verifies it. */
export function createStrategies(
  dependencies: AuthDependencies,
  passwords: PasswordLogin,
  caches: AccessCaches,
  views: Views,
): readonly Strategy[] {
  const { tokens, issuers, settings } = dependencies;
  const sessions = createLiveSessions(dependencies, caches);
  return [
    createApiKeyStrategy(dependencies, caches),
    ...issuers.map((issuer) => createExternalTokenStrategy(dependencies, issuer, caches)),
    createAccessTokenStrategy(tokens, sessions, views),
    ...(settings.basicAuth ? [createBasicStrategy(dependencies, passwords, caches)] : []),
    createSessionCookieStrategy(dependencies, sessions),
  ];
}
