import { type AuthenticationRequest, createAuthenticator } from './authenticate.ts';
import type { AccessVersion } from './access-version.ts';
import { createBackground } from './background.ts';
import { createOwnPasswords, type OwnPasswords } from './passwords/own-passwords.ts';
import type { AuthParts, SessionCookie } from './dependencies.ts';
import type { CheckPassword } from './passwords/check.ts';
import type { PasswordHasher } from './passwords/hashing.ts';
import { createPasswordLogin } from './passwords/login.ts';
import { createWarnOwner, type WarnOwner } from './registration/duplicate-email.ts';
import { createRegister, type Register } from './registration/registration.ts';
import { createSignIns, type SignIns } from './sessions/sign-in.ts';
import type { RoleGraph } from './role-graph.ts';
import type { SessionLifetime } from './sessions/sessions.ts';
import { startUpkeep } from './sessions/cleanup.ts';
import type { Viewer } from '../lib/viewer.ts';

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
  readonly checkPassword: CheckPassword;
  readonly warnOwner: WarnOwner;
  readonly cookie: SessionCookie;
  readonly lifetime: SessionLifetime;
  readonly now: () => Date;
  /** Ends what runs beside the requests, and waits for mails that are on their way. */
  readonly close: () => Promise<void>;
}

/** Wires authentication together. */
export function createAuth(parts: AuthParts): Auth {
  const passwordLogin = createPasswordLogin(parts);
  const background = createBackground(parts.log);
  const warnOwner = createWarnOwner(parts, background);
  const stopUpkeep = startUpkeep(parts, background);
  const { authenticate, roleGraph } = createAuthenticator(parts, passwordLogin);
  return {
    authenticate,
    roleGraph,
    signIns: createSignIns(parts, passwordLogin, roleGraph),
    passwords: createOwnPasswords(parts, background),
    register: createRegister(parts, background, warnOwner),
    version: parts.version,
    hasher: parts.hasher,
    checkPassword: parts.checkPassword,
    warnOwner,
    cookie: parts.cookie,
    lifetime: parts.lifetime,
    now: parts.now,
    async close() {
      stopUpkeep();
      parts.version.stop();
      await background.settled();
      await parts.mailer.close();
    },
  };
}
