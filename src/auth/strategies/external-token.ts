import { decodeJwt } from 'jose';
import { authScope } from '../../database/scopes.ts';
import { HttpRefusal, InvalidTokenError, IssuerUnavailableError } from '../../lib/errors.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import type { AccessCaches } from '../access-caches.ts';
import type { AuthDependencies, TrustedIssuer } from '../dependencies.ts';
import type { ExternalPrincipal } from '../oidc/claims.ts';
import { findOrCreateExternalUser } from '../oidc/users.ts';
import { type Principal, viewerOf } from '../principal.ts';
import { HIGHEST_ROLE, type RoleGraph } from '../role-graph.ts';
import { challengeBearer } from './access-token.ts';
import { bearerToken, type Strategy } from './strategy.ts';

/** Creates the strategy for access tokens of an external issuer, recognised by their `iss`. */
export function createExternalTokenStrategy(
  { database, now }: Pick<AuthDependencies, 'database' | 'now'>,
  { name, verifier }: TrustedIssuer,
  caches: AccessCaches,
): Strategy {
  const users = caches.create<Principal>();
  return {
    credential: 'external token',
    scheme: 'Bearer',
    recognise(presented) {
      const token = bearerToken(presented);
      return token !== null && issuerOf(token) === name ? token : null;
    },
    async verify(token, { client: { address } }) {
      const claims = await verifier.verify(token);
      const user = await users.get(JSON.stringify([claims.issuer, claims.subject]), () =>
        database.run(authScope, (em) =>
          findOrCreateExternalUser(em, claims, { address, now: now(), credential: 'external token' }),
        ),
      );
      if (!user.active) {
        throw new InvalidTokenError('The user of the external token is disabled');
      }
      return externalViewer(user, claims, await caches.roleGraph());
    },
    challenge: (error) => (error instanceof IssuerUnavailableError ? issuerUnavailable(error) : challengeBearer(error)),
  };
}

/** Returns the `iss` of a token that has not been verified; undefined if it cannot be read. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined; // Malformed tokens are refused by the strategy for our own.
  }
}

/** Returns the viewer with the roles that are assigned here and those that the token claims. */
function externalViewer(
  user: Principal,
  { roles, permissions, expiresAt, authenticatedAt }: ExternalPrincipal<string, string>,
  graph: RoleGraph,
): SignedInViewer {
  const claimed = roles.filter((role) => !graph.closureOf([role]).has(HIGHEST_ROLE));
  const principal = { ...user, assigned: [...user.assigned, ...claimed] };
  const viewer = viewerOf(principal, graph, {
    credential: 'external token',
    expiresAt,
    authenticatedAt,
    activation: 'all',
  });
  return viewer.permissions === 'all'
    ? viewer
    : { ...viewer, permissions: new Set([...viewer.permissions, ...permissions]) };
}

function issuerUnavailable(cause: IssuerUnavailableError): HttpRefusal {
  const message = "The keys of the token's issuer cannot be fetched: try again soon";
  return new HttpRefusal({ status: 503, code: 'SERVICE_UNAVAILABLE', message, headers: { 'retry-after': '1' }, cause });
}
