import type { Role } from '../generated/access.ts';

/** The built-in roles that an external issuer's claim may be mapped to: all of `enum Role` except SUPER_ADMIN. */
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

/** pino's levels, least verbose first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A limit of failed logins within a time window. Further attempts are refused. */
export interface FailureLimit {
  readonly failures: number;
  readonly windowSeconds: number;
}

/** A value of an issuer's roles claim, and the built-in role or the permission that it grants here. */
export interface ClaimGrant {
  readonly theirs: string;
  readonly ours: MappableRole | `${string}:${string}`;
}

/** An external issuer whose tokens are accepted. */
export interface IdpConfig {
  /** Compared with `iss` as text. */
  readonly issuer: string;
  readonly audience: string;
  /** null: discovered from the issuer's metadata (OpenID Connect Discovery 1.0 §4). */
  readonly jwksUrl: string | null;
  /** The secrets that the issuer shares with us and signs with by HS256. Empty: it signs with the keys of its key set. */
  readonly secrets: readonly string[];
  /** The claim that lists the issuer's roles. A dotted path reaches into objects. */
  readonly rolesClaim: string;
  /** The grants of the issuer's roles. One of its roles may occur several times. */
  readonly roles: readonly ClaimGrant[];
  /** The claim that lists permissions, by their names in this schema. */
  readonly permissionsClaim: string;
}

/** The domain to which passkeys belong, and the origins whose pages may use them (WebAuthn §4, "RP ID"). */
export interface RelyingParty {
  readonly id: string;
  /** Empty for `localhost`: its pages may use any port. */
  readonly origins: readonly string[];
}

/** An external issuer at which browsers sign in. Its access tokens are not accepted for that: see {@link IdpConfig}. */
export interface SignInIssuerConfig {
  /** The name in our URLs. */
  readonly id: string;
  /** The text of its button. */
  readonly label: string;
  /** Compared with `iss` as text. */
  readonly issuer: string;
  readonly clientId: string;
  /** null: a public client, which authenticates by PKCE alone. */
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  /** The values of `amr` or `acr` by which the issuer says that a second factor was shown. */
  readonly secondFactor: readonly string[];
  /**
   * The prompt that lets its users choose an account before it is linked. An issuer that knows no other one than `login`
   * lets them sign in again as well.
   */
  readonly prompt: 'login' | 'select_account' | 'consent';
  /** True if an unknown person becomes a new user, with no role but GUEST. */
  readonly createUsers: boolean;
}

/** Connection URIs of PostgreSQL. They contain passwords and must not be logged. */
export interface DatabaseConfig {
  readonly url: string;
  /** The login of the tables' owner, for migrations only. null: this process does not migrate. */
  readonly adminUrl: string | null;
  /** A direct connection for LISTEN, if `url` is a pooler. */
  readonly listenUrl: string | null;
  /** Read replicas. */
  readonly replicaUrls: readonly string[];
  /** A replica that lags by more seconds is left out. */
  readonly replicaMaxLagSeconds: number;
}

/** The samplers of OpenTelemetry's `OTEL_TRACES_SAMPLER`. */
export const SAMPLERS = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;

/** The receiver of traces and metrics, by OpenTelemetry's own variables. At least one of the two is sent. */
export interface TelemetryConfig {
  /** The URL that spans are posted to, as OTLP in protobuf; null: none are. */
  readonly tracesUrl: string | null;
  /** The URL that metrics are posted to, as OTLP in protobuf; null: none are. */
  readonly metricsUrl: string | null;
  /** The interval in which metrics are posted, in milliseconds. */
  readonly metricsInterval: number;
  /** May contain credentials and must not be logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampler: (typeof SAMPLERS)[number];
  /** The share of traces that a ratio sampler records. */
  readonly ratio: number;
}

/** The validated configuration, deeply frozen. */
export interface Config {
  readonly production: boolean;
  /** No DATABASE_URL and not production: embedded database, generated secret, demo data. */
  readonly demo: boolean;
  readonly host: string;
  /** 0: the system chooses a free port. */
  readonly port: number;
  /** null: no metrics are served. */
  readonly metricsPort: number | null;
  /** The number of processes that serve the port. */
  readonly workers: number;
  /** The time for which the process serves after SIGTERM, while load balancers notice that it is no longer ready. */
  readonly shutdownDelaySeconds: number;
  /** Idle connections that one network address may hold open; proxies are exempt. */
  readonly idleConnectionsPerAddress: number;
  /** The cost of the operations that one viewer, and one network address, may send in a minute. null: no limit. */
  readonly budget: { readonly perViewer: number | null; readonly perAddress: number | null };
  /** The origin under which clients reach this server. null: unknown. */
  readonly publicUrl: string | null;
  /** The proxies whose `X-Forwarded-*` headers are trusted, as addresses or CIDR ranges. None by default. */
  readonly trustProxy: readonly string[];
  /** The folder of the embedded database and the generated secret. */
  readonly dataDir: string;
  /** null: the embedded database. */
  readonly database: DatabaseConfig | null;
  readonly jwt: {
    /** The first signs; all verify. Empty only in the demo, which generates one. */
    readonly secrets: readonly string[];
    readonly issuer: string;
    readonly audience: string;
  };
  readonly accessTokenMinutes: number;
  readonly sessionDays: number;
  /** A session that is unused for this long ends, even before it expires. */
  readonly sessionIdleDays: number;
  readonly basicAuth: boolean;
  readonly openRegistration: boolean;
  /** Users who register sign in only after they have confirmed their address. */
  readonly requireVerifiedEmail: boolean;
  /** The longest time for which an API key is valid, in days. null: no limit. */
  readonly apiKeyDays: number | null;
  readonly loginLimits: {
    readonly perAccountAndAddress: FailureLimit;
    readonly perAccount: FailureLimit;
    readonly perAddress: FailureLimit;
  };
  /** The built-in roles that are not activated, nor what inherits them, until a second factor was shown. */
  readonly mfaRequiredRoles: readonly Role[];
  /** The relying party of passkeys. null: no domain is known under which pages reach this server. */
  readonly webauthn: RelyingParty | null;
  /** The external issuers. Empty: only our own tokens are accepted. */
  readonly idps: readonly IdpConfig[];
  /** The external issuers at which browsers sign in. */
  readonly signInIssuers: readonly SignInIssuerConfig[];
  /** Allowed origins, as browsers send them. */
  readonly corsOrigins: readonly string[];
  /** `prefer`: clients may name published documents by their hash. `only`: no other documents are answered. */
  readonly trustedDocuments: 'off' | 'prefer' | 'only';
  readonly schemaVisibility: 'full' | 'role';
  /** Anonymous viewers read the names of documents' authors. */
  readonly publicAuthorNames: boolean;
  /** Loads sample data, with users whose passwords are public. Never true in production. */
  readonly demoData: boolean;
  /** The first SUPER_ADMIN, created once if there is none. */
  readonly firstAdmin: { readonly login: string; readonly password: string } | null;
  /** null: no mail is sent. */
  readonly mail: { readonly smtpUrl: string; readonly from: string } | null;
  readonly logLevel: LogLevel;
  /** True: the process reports its start and its stop in plain lines, for a terminal. False: in the log, as JSON. */
  readonly plainOutput: boolean;
  /** Networks besides the public internet that webhooks may be posted to, as addresses or CIDR ranges. */
  readonly webhookAllowedNetworks: readonly string[];
  /** Traces are sent to a collector. null: no SDK is loaded. */
  readonly telemetry: TelemetryConfig | null;
  /** The percentage of recorded operations in which each call of a resolver has a span. */
  readonly traceResolversPercent: number;
  /** Writes a line of the log, of the level `info`, for each request. False if lines of that level are not logged. */
  readonly accessLog: boolean;
  /** Settings that are valid but look like mistakes. Contains no values. */
  readonly warnings: readonly string[];
}
