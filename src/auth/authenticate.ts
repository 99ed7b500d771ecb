import { BadRequest, HttpRefusal } from '../lib/errors.ts';
import { actorIdOf, anonymous, type SignedInViewer, type Viewer } from '../lib/viewer.ts';
import type { AccessVersion } from './access-version.ts';
import {
  type AuthenticationRequest,
  type PresentedCredentials,
  presentedCredentials,
  type Strategy,
} from './strategies/strategy.ts';
import { type AccessCaches, createLiveSessions } from './access-caches.ts';
import type { AuthDependencies } from './dependencies.ts';
import type { PasswordLogin } from './passwords/login.ts';
import type { Views } from './view-as.ts';
import { createAccessTokenStrategy } from './strategies/access-token.ts';
import { createApiKeyStrategy } from './strategies/api-key.ts';
import { createBasicStrategy } from './strategies/basic.ts';
import { createExternalTokenStrategy } from './strategies/external-token.ts';
import { createSessionCookieStrategy } from './strategies/session-cookie.ts';

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

/**
 * Authenticates a request. Returns the anonymous viewer for a request without a credential.
 *
 * @throws {HttpRefusal} 401 for a credential that is not valid; 400 for an unknown scheme, two `Authorization` headers,
 *   or two valid credentials of different people
 */
export type Authenticate = (request: AuthenticationRequest) => Promise<Viewer>;

/** Creates the authentication of requests by the given strategies. */
export function createAuthenticate(strategies: readonly Strategy[], version: AccessVersion): Authenticate {
  const ofHeader = strategies.filter(({ scheme }) => scheme !== null);
  const ofCookie = strategies.filter(({ scheme }) => scheme === null);

  async function authenticate(request: AuthenticationRequest): Promise<Viewer> {
    const presented = presentedCredentials(request);
    const recognised = [
      recogniseHeader(ofHeader, presented),
      ...ofCookie.map((strategy) => recognise([strategy], presented)),
    ].filter((found) => found !== null);
    if (recognised.length === 0) {
      return anonymous;
    }
    if (!version.isFresh) {
      await version.refresh(); // All requests that arrive meanwhile share one point query.
    }
    const viewers: SignedInViewer[] = [];
    for (const credential of recognised) {
      viewers.push(await verify(credential, request));
    }
    const [viewer = anonymous, ...others] = viewers;
    if (others.some((other) => actorIdOf(other) !== actorIdOf(viewer))) {
      throw new BadRequest('The Authorization header and the session cookie are of different people: send one');
    }
    return viewer;
  }

  return (request) =>
    authenticate(request).catch((error: unknown) => {
      throw error instanceof BadRequest
        ? new HttpRefusal({ status: 400, code: 'BAD_REQUEST', message: error.message })
        : error;
    });
}

/** A credential and the strategy that recognised it. */
interface Recognised {
  readonly strategy: Strategy;
  readonly text: string;
}

function recognise(strategies: readonly Strategy[], presented: PresentedCredentials): Recognised | null {
  for (const strategy of strategies) {
    const text = strategy.recognise(presented);
    if (text !== null) {
      return { strategy, text };
    }
  }
  return null;
}

/** @throws {BadRequest} if no strategy takes the scheme of the header */
function recogniseHeader(strategies: readonly Strategy[], presented: PresentedCredentials): Recognised | null {
  const recognised = presented.header === null ? null : recognise(strategies, presented);
  if (presented.header !== null && recognised === null) {
    const schemes = new Set(strategies.map(({ scheme }) => scheme));
    throw new BadRequest(`The scheme of the Authorization header must be ${[...schemes].join(' or ')}`);
  }
  return recognised;
}

async function verify({ strategy, text }: Recognised, request: AuthenticationRequest): Promise<SignedInViewer> {
  try {
    return await strategy.verify(text, request);
  } catch (error) {
    throw strategy.challenge(error) ?? error;
  }
}
