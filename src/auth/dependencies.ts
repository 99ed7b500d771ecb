import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { AccessTokens } from './tokens/access-token.ts';
import type { AccessVersion } from './access-version.ts';
import type { ExternalIssuer } from './oidc/issuer.ts';
import type { IssuerClient } from './oidc/issuer-client.ts';
import type { Mailer } from './registration/mail.ts';
import type { CheckPassword } from './passwords/policy.ts';
import type { PasswordHasher } from './passwords/hashing.ts';
import type { RefreshTokens } from './tokens/refresh-token.ts';
import type { SessionLifetime } from './sessions/sessions.ts';

/** The log of authentication. It never contains secrets, tokens, names or addresses of users. */
export interface AuthLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** An external issuer, and the verifier of its tokens. */
export interface TrustedIssuer {
  readonly name: string;
  readonly verifier: ExternalIssuer<string, string>;
}

/** The dependencies of authentication. */
export interface AuthDependencies {
  readonly database: Pick<Database, 'run' | 'engine'>;
  readonly version: AccessVersion;
  readonly tokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly hasher: PasswordHasher;
  readonly checkPassword: CheckPassword;
  readonly mailer: Mailer;
  /** The external issuers whose tokens are accepted beside ours, each recognised by its name, the `iss` of its tokens. */
  readonly issuers: readonly TrustedIssuer[];
  /** The external issuers at which browsers sign in. */
  readonly signInIssuers: readonly IssuerClient[];
  readonly lifetime: SessionLifetime;
  readonly settings: Pick<
    Config,
    | 'basicAuth'
    | 'openRegistration'
    | 'requireVerifiedEmail'
    | 'apiKeyDays'
    | 'loginLimits'
    | 'publicUrl'
    | 'mfaRequiredRoles'
    | 'webauthn'
  >;
  readonly cookie: SessionCookie;
  /** The origins whose pages may use the session cookie, besides our own. */
  readonly corsOrigins: readonly string[];
  readonly log: AuthLog;
  /** The permissions that the schema uses. */
  readonly permissions: readonly string[];
  readonly now: () => Date;
  /** Called for each password that was checked, with "accepted" or the code of the refusal. */
  readonly onLogin?: ((outcome: string) => void) | undefined;
}

/** The name of the session cookie: `__Host-` and `Secure` if clients reach the server over https. */
export interface SessionCookie {
  readonly name: string;
  readonly secure: boolean;
}

/** Runs work that no request waits for, so that response times do not reveal its duration. */
export interface Background {
  /** Starts work. Its failure is logged under `what`. */
  readonly start: (what: string, work: () => Promise<unknown>) => void;
  /** Resolves when all work that was started has ended. */
  readonly settled: () => Promise<void>;
}

/** Creates the background work of a process. */
export function createBackground(log: Pick<AuthLog, 'warn'>): Background {
  const running = new Set<Promise<unknown>>();
  return {
    start(what, work) {
      const task = work().catch((error: unknown) => log.warn({ err: error }, `${what}: failed`));
      running.add(task);
      void task.then(() => running.delete(task));
    },
    async settled() {
      while (running.size > 0) {
        await Promise.all(running);
      }
    },
  };
}
