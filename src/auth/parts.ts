import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { AccessTokens } from './access-token.ts';
import type { AccessVersion } from './access-version.ts';
import type { ExternalIssuer } from './external-issuer.ts';
import type { Mailer } from './mailer.ts';
import type { CheckPassword } from './password-check.ts';
import type { PasswordHasher } from './passwords.ts';
import type { RefreshTokens } from './refresh-token.ts';
import type { SessionLifetime } from './sessions.ts';

/** The part of a log that authentication writes to. Never a secret, a token, a name or an address of a person. */
export interface AuthLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** What authentication is made of. */
export interface AuthParts {
  readonly database: Pick<Database, 'run' | 'engine'>;
  readonly version: AccessVersion;
  readonly tokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly hasher: PasswordHasher;
  readonly checkPassword: CheckPassword;
  readonly mailer: Mailer;
  /** null: only our own tokens are accepted. */
  readonly issuer: { readonly name: string; readonly verifier: ExternalIssuer<string, string> } | null;
  readonly lifetime: SessionLifetime;
  readonly settings: Pick<Config, 'basicAuth' | 'openRegistration' | 'loginLimits' | 'publicUrl'>;
  /** `__Host-` and Secure where the server is reached over https. */
  readonly cookie: SessionCookie;
  /** Origins whose pages may use the session cookie, beside our own. */
  readonly corsOrigins: readonly string[];
  readonly log: AuthLog;
  readonly now: () => Date;
}

/** How the session cookie is called and whether it travels over https only. */
export interface SessionCookie {
  readonly name: string;
  readonly secure: boolean;
}
