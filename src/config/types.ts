import type { Role } from '../generated/access.ts';

/** The built-in roles that an external issuer's claim may be mapped to: all of `enum Role` but SUPER_ADMIN. */
export const MAPPABLE_ROLES = [
  'ADMIN',
  'DEVELOPER',
  'STANDARD',
  'GUEST',
  'MANAGER',
  'WAREHOUSE',
  'SALES',
  'ACCOUNT_ADMIN',
  'ACCOUNT_MANAGER',
] as const satisfies Role[];

export type MappableRole = (typeof MAPPABLE_ROLES)[number];

/** pino's levels, the least talkative first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** So many failed logins within so many seconds; the next attempt is refused. */
export interface FailureLimit {
  readonly failures: number;
  readonly windowSeconds: number;
}

/** An external issuer whose tokens are accepted. */
export interface IdpConfig {
  /** Compared with `iss` as text. */
  readonly issuer: string;
  readonly audience: string;
  /** null: it is to be found in the issuer's metadata (OpenID Connect Discovery 1.0 §4). */
  readonly jwksUrl: string | null;
  /** The claim that lists their roles; a dotted path reaches into objects. */
  readonly rolesClaim: string;
  /** One of theirs may stand in several pairs. */
  readonly roles: readonly { readonly theirs: string; readonly ours: MappableRole }[];
  /** The claim that lists permissions of ours, by their names here. */
  readonly permissionsClaim: string;
}

/** PostgreSQL, by connection URIs that hold passwords: not for any log. */
export interface DatabaseConfig {
  readonly url: string;
  /** The tables' owner, for migrations only; null: this process does not migrate. */
  readonly adminUrl: string | null;
  /** A direct connection for LISTEN, where `url` is a pooler. */
  readonly listenUrl: string | null;
  readonly replicaUrls: readonly string[];
}

/** What the environment said, checked. Frozen all through. */
export interface Config {
  readonly production: boolean;
  /** No DATABASE_URL and not production: embedded database, generated secret, demo data. */
  readonly demo: boolean;
  readonly host: string;
  /** 0: the system chooses a free one. */
  readonly port: number;
  /** null: no metrics are served. */
  readonly metricsPort: number | null;
  /** How many processes answer on the port. */
  readonly workers: number;
  /** The origin under which clients reach this server; null: unknown. */
  readonly publicUrl: string | null;
  /** The proxies whose `X-Forwarded-*` count, as addresses or CIDR ranges; none by default. */
  readonly trustProxy: readonly string[];
  /** Where the embedded database and the generated secret live. */
  readonly dataDir: string;
  /** null: the embedded database. */
  readonly database: DatabaseConfig | null;
  readonly jwt: {
    /** The first signs, all verify. Empty only in the demo, which generates one. */
    readonly secrets: readonly string[];
    readonly issuer: string;
    readonly audience: string;
  };
  readonly accessTokenMinutes: number;
  readonly sessionDays: number;
  /** A session that is not used for so long is over before its time. */
  readonly sessionIdleDays: number;
  readonly basicAuth: boolean;
  readonly openRegistration: boolean;
  readonly loginLimits: {
    readonly perAccountAndAddress: FailureLimit;
    readonly perAccount: FailureLimit;
    readonly perAddress: FailureLimit;
  };
  /** null: only our own tokens are accepted. */
  readonly idp: IdpConfig | null;
  /** Origins, as browsers send them. */
  readonly corsOrigins: readonly string[];
  readonly schemaVisibility: 'full' | 'role';
  /** Whether users with known passwords and sample data are loaded; never in production. */
  readonly demoData: boolean;
  /** The first SUPER_ADMIN, made once, while there is none. */
  readonly firstAdmin: { readonly login: string; readonly password: string } | null;
  /** null: no mail is sent. */
  readonly mail: { readonly smtpUrl: string; readonly from: string } | null;
  readonly logLevel: LogLevel;
  /** What is legal and still looks like a mistake; no values in it. */
  readonly warnings: readonly string[];
}
