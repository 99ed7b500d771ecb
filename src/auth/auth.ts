import { createAccessCaches } from './access-caches.ts';
import type { AccessVersion } from './access-version.ts';
import { type Authenticate, createAuthenticate, createStrategies } from './authenticate.ts';
import { createOwnPasswords, type OwnPasswords } from './passwords/own-passwords.ts';
import { type AuthDependencies, createBackground, type SessionCookie } from './dependencies.ts';
import type { CheckPassword } from './passwords/policy.ts';
import type { PasswordHasher } from './passwords/hashing.ts';
import { createPasswordLogin, type PasswordLogin } from './passwords/login.ts';
import { RolegateError } from '../lib/errors.ts';
import { createOncePerOperation } from './passwords/throttle.ts';
import { createWarnOwner, type WarnOwner, createNotices, type Notices } from './registration/notices.ts';
import { createInvitations, type Invitations } from './registration/invitations.ts';
import { createOwnEmail, type OwnEmail } from './registration/own-email.ts';
import { createRegister, type Register } from './registration/registration.ts';
import { createIssueAccessToken, createRefresh, type RefreshSession } from './sessions/refresh.ts';
import { createSignIns, type SignIns } from './sessions/sign-in.ts';
import type { RoleGraph } from './role-graph.ts';
import type { SessionLifetime } from './sessions/sessions.ts';
import { createFactorCheck, createPasskeyCheck } from './factors/factor-check.ts';
import { createChangeFactor, createOwnFactors, type OwnFactors } from './factors/own-factors.ts';
import { createOwnPasskeys, type OwnPasskeys } from './factors/own-passkeys.ts';
import { createPasskeySignIns, type PasskeySignIns } from './factors/passkey-sign-in.ts';
import { createIssuerSignIns, type IssuerSignIns } from './oidc/issuer-sign-ins.ts';
import { createOwnIdentities, type OwnIdentities } from './oidc/identities.ts';
import { createReauthenticate, type Reauthenticate } from './factors/step-up.ts';
import { startCleanup } from './sessions/cleanup.ts';
import { createViews, type Views } from './view-as.ts';

/** Authenticates requests, and issues credentials. */
export interface Auth {
  readonly authenticate: Authenticate;
  readonly signIns: SignIns;
  readonly refresh: RefreshSession;
  readonly passkeySignIns: PasskeySignIns;
  readonly issuerSignIns: IssuerSignIns;
  readonly passwords: OwnPasswords;
  readonly identities: OwnIdentities;
  readonly factors: OwnFactors;
  readonly passkeys: OwnPasskeys;
  /** The domain of passkeys; null: there are none. */
  readonly passkeyDomain: string | null;
  readonly reauthenticate: Reauthenticate;
  readonly register: Register;
  readonly ownEmail: OwnEmail;
  readonly invitations: Invitations;
  /** Limits an operation to one password. @throws {RateLimited} for the second */
  readonly requireFirstPassword: (operation: object) => void;
  /** The longest time for which an API key is valid, in days. Null: no limit. */
  readonly apiKeyDays: number | null;
  readonly views: Views;
  /** Returns the roles that exist now. */
  readonly roleGraph: () => Promise<RoleGraph>;
  readonly version: AccessVersion;
  readonly hasher: PasswordHasher;
  readonly checkPassword: CheckPassword;
  readonly warnOwner: WarnOwner;
  readonly notices: Notices;
  readonly cookie: SessionCookie;
  readonly lifetime: SessionLifetime;
  /** Stops the background work, and waits for mails that are being sent. */
  readonly close: () => Promise<void>;
}

/** Wires authentication. */
export function createAuth(dependencies: AuthDependencies): Auth {
  const { version, hasher, checkPassword, cookie, lifetime, log, mailer } = dependencies;
  const passwordLogin = reporting(createPasswordLogin(dependencies), dependencies.onLogin);
  const background = createBackground(log);
  const warnOwner = createWarnOwner(dependencies, background);
  const notices = createNotices(mailer, background, dependencies.settings.publicUrl);
  const stopCleanup = startCleanup(dependencies, background);
  const caches = createAccessCaches(dependencies);
  const views = createViews(dependencies, caches);
  const requireFirst = createOncePerOperation();
  const checkPasskey = createPasskeyCheck(dependencies, notices);
  const checkFactor = createFactorCheck(dependencies, checkPasskey, notices);
  const changeFactor = createChangeFactor(dependencies, notices);
  const passwords = createOwnPasswords(dependencies, background, notices, requireFirst);
  const issue = createIssueAccessToken(dependencies);
  const signIns = createSignIns(dependencies, passwordLogin, checkFactor, issue, caches.roleGraph, requireFirst);
  return {
    authenticate: createAuthenticate(createStrategies(dependencies, passwordLogin, caches, views), version),
    views,
    roleGraph: caches.roleGraph,
    signIns,
    refresh: createRefresh(dependencies, issue, caches.roleGraph),
    passkeySignIns: createPasskeySignIns(dependencies, signIns, checkPasskey, requireFirst),
    issuerSignIns: createIssuerSignIns(dependencies, signIns, checkFactor, notices),
    identities: createOwnIdentities(dependencies, notices),
    factors: createOwnFactors(dependencies, checkFactor, changeFactor),
    passkeys: createOwnPasskeys(dependencies, changeFactor),
    passkeyDomain: dependencies.settings.webauthn?.id ?? null,
    reauthenticate: createReauthenticate(dependencies, passwords, checkFactor),
    passwords,
    register: createRegister(dependencies, background, notices, warnOwner, requireFirst),
    ownEmail: createOwnEmail(dependencies, background, notices, warnOwner),
    invitations: createInvitations(dependencies, background, notices, warnOwner),
    requireFirstPassword: requireFirst,
    apiKeyDays: dependencies.settings.apiKeyDays,
    version,
    hasher,
    checkPassword,
    warnOwner,
    notices,
    cookie,
    lifetime,
    async close() {
      stopCleanup();
      version.stop();
      await background.settled();
      await mailer.close();
    },
  };
}

/** Returns the login by password, which also reports the outcome of each attempt, if the callback is given. */
function reporting(login: PasswordLogin, onLogin: AuthDependencies['onLogin']): PasswordLogin {
  if (onLogin === undefined) {
    return login;
  }
  return {
    ...login,
    verify: async (...attempt) => {
      try {
        const candidate = await login.verify(...attempt);
        onLogin('accepted');
        return candidate;
      } catch (error) {
        onLogin(error instanceof RolegateError ? error.code : 'failed');
        throw error;
      }
    },
  };
}
