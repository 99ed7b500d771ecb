import type { Database } from '../database/database.ts';
import { authScope } from '../database/scopes.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import { HttpRefusal } from '../errors.ts';
import { loadRoleGraph } from '../roles/role-graph.ts';
import type { AccessTokens } from './access-token.ts';
import { type CredentialSource, offeredCredential } from './credential.ts';
import { InvalidTokenError } from './errors.ts';
import { login, type LoginInput, type SignIn } from './login.ts';
import type { PasswordHasher } from './passwords.ts';
import { getPrincipal, viewerOf } from './principal.ts';
import { anonymous, type Viewer } from './viewer.ts';

/** Finds out who is asking, and hands out credentials. */
export interface Auth {
  /**
   * The viewer of a request: anonymous without a credential.
   *
   * @throws {HttpRefusal} 400 or 401 (design §2); a bad credential is never anonymous
   */
  authenticate(request: CredentialSource): Promise<Viewer>;
  /** Signs in by password. */
  login(unit: UnitOfWork, input: LoginInput): Promise<SignIn>;
}

export interface AuthParts {
  readonly database: Database;
  readonly tokens: AccessTokens;
  readonly hasher: PasswordHasher;
}

/** Creates the authentication of a server. */
export function createAuth(parts: AuthParts): Auth {
  return {
    async authenticate(request) {
      const credential = offeredCredential(request);
      return credential.kind === 'none' ? anonymous : viewerOfToken(parts, credential.token);
    },
    login: (unit, input) => login(parts, unit, input),
  };
}

async function viewerOfToken({ database, tokens }: AuthParts, token: string): Promise<Viewer> {
  const claims = verified(tokens, token);
  const [principal, graph] = await database.run(authScope, async (em) => [
    await getPrincipal(em, claims.sub),
    await loadRoleGraph(em),
  ]);
  if (principal === null || !principal.active) {
    throw invalidToken(new InvalidTokenError('The user of the token is gone or disabled'));
  }
  return viewerOf(principal, graph, claims.roles, claims.sid);
}

function verified(tokens: AccessTokens, token: string): ReturnType<AccessTokens['verify']> {
  try {
    return tokens.verify(token);
  } catch (error) {
    throw error instanceof InvalidTokenError ? invalidToken(error) : error;
  }
}

/** RFC 6750 §3.1. What exactly is wrong goes to the log only. */
function invalidToken(cause: InvalidTokenError): HttpRefusal {
  return new HttpRefusal({
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'The access token is not valid: sign in again',
    headers: { 'www-authenticate': 'Bearer realm="rolegate", error="invalid_token"' },
    cause,
  });
}
