import { type AuthenticationRequest, createAuthenticator } from './authenticate.ts';
import type { AccessVersion } from './access-version.ts';
import { createOwnPasswords, type OwnPasswords } from './own-passwords.ts';
import type { AuthParts, SessionCookie } from './parts.ts';
import type { Mailer } from './mailer.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { PasswordHasher } from './passwords.ts';
import { createPasswordLogin } from './password-login.ts';
import { createRegister, type Register } from './registration.ts';
import { createSignIns, type SignIns } from './sign-in.ts';
import type { RoleGraph } from '../roles/role-graph.ts';
import type { Viewer } from './viewer.ts';

/** Finds out who is asking, and hands out credentials. */
export interface Auth {
  /**
   * The viewer of a request: anonymous without a credential.
   *
   * @throws {HttpRefusal} as design §2 says; a bad credential is never anonymous
   */
  readonly authenticate: (request: AuthenticationRequest) => Promise<Viewer>;
  readonly signIns: SignIns;
  readonly passwords: OwnPasswords;
  readonly register: Register;
  /** The roles that exist now. */
  readonly roleGraph: () => Promise<RoleGraph>;
  readonly version: AccessVersion;
  readonly hasher: PasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
  readonly mailer: Mailer;
  readonly cookie: SessionCookie;
  readonly now: () => Date;
}

/** Wires authentication together. */
export function createAuth(parts: AuthParts): Auth {
  const passwordLogin = createPasswordLogin(parts);
  const { authenticate, roleGraph } = createAuthenticator(parts, passwordLogin);
  return {
    authenticate,
    roleGraph,
    signIns: createSignIns(parts, passwordLogin, roleGraph),
    passwords: createOwnPasswords(parts),
    register: createRegister(parts),
    version: parts.version,
    hasher: parts.hasher,
    passwordPolicy: parts.passwordPolicy,
    mailer: parts.mailer,
    cookie: parts.cookie,
    now: parts.now,
  };
}
