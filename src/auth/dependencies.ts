import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { AccessTokens } from './tokens/access-token.ts';
import type { AccessVersion } from './access-version.ts';
import type { ExternalIssuer } from './oidc/issuer.ts';
import type { Mailer } from './registration/mail.ts';
import type { CheckPassword } from './passwords/check.ts';
import type { PasswordHasher } from './passwords/hashing.ts';
import type { RefreshTokens } from './tokens/refresh-token.ts';
import type { SessionLifetime } from './sessions/sessions.ts';

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
