import { isLoopback, isOpenHttp, type Mode, type Problem } from './rules.ts';
import { type Config, type FailureLimit, LOG_LEVELS } from './types.ts';
import { domain } from './values.ts';
import type { Values } from './variables.ts';

const QUARTER_HOUR = 15 * 60;
const HOUR = 60 * 60;

/** Apollo's hosted IDE. The demo allows it; elsewhere CORS_ORIGINS must list it like any other origin. */
const HOSTED_SANDBOX = 'https://studio.apollographql.com';

/** Issuer and audience of the demo's tokens. Its generated secret separates them from all other tokens. */
const DEMO_NAME = 'rolegate-demo';

function within(windowSeconds: number, failures: number): FailureLimit {
  return { failures, windowSeconds };
}

function databaseOf(values: Values): Config['database'] {
  if (values.DATABASE_URL === undefined) {
    return null;
  }
  return {
    url: values.DATABASE_URL,
    adminUrl: values.DATABASE_ADMIN_URL ?? null,
    listenUrl: values.DATABASE_LISTEN_URL ?? null,
    replicaUrls: values.DATABASE_REPLICA_URLS ?? [],
    replicaMaxLagSeconds: values.DATABASE_REPLICA_MAX_LAG_SECONDS,
  };
}

function idpsOf(values: Values): Config['idps'] {
  const further = (values.IDP_ISSUERS ?? []).map(({ secret = [], ...idp }) => ({
    issuer: idp.issuer,
    audience: idp.audience,
    jwksUrl: idp.jwksUrl ?? null,
    secrets: secret,
    rolesClaim: idp.rolesClaim,
    roles: idp.roles,
    permissionsClaim: idp.permissionsClaim,
  }));
  if (values.IDP_ISSUER === undefined || values.IDP_AUDIENCE === undefined) {
    return further;
  }
  const first = {
    issuer: values.IDP_ISSUER,
    audience: values.IDP_AUDIENCE,
    jwksUrl: values.IDP_JWKS_URL ?? null,
    secrets: values.IDP_SECRET ?? [],
    rolesClaim: values.IDP_ROLES_CLAIM,
    roles: values.IDP_ROLES ?? [],
    permissionsClaim: values.IDP_PERMISSIONS_CLAIM,
  };
  return [first, ...further];
}

function signInIssuersOf({ SIGN_IN_ISSUERS: issuers = [] }: Values): Config['signInIssuers'] {
  return issuers.map((issuer) => ({
    ...issuer,
    label: issuer.label ?? issuer.id,
    clientSecret: issuer.clientSecret ?? null,
  }));
}

function firstAdminOf({ FIRST_ADMIN_LOGIN: login, FIRST_ADMIN_PASSWORD: password }: Values): Config['firstAdmin'] {
  return login === undefined || password === undefined ? null : { login, password };
}

function mailOf({ SMTP_URL: smtpUrl, MAIL_FROM: from }: Values): Config['mail'] {
  return smtpUrl === undefined || from === undefined ? null : { smtpUrl, from };
}

/** Returns the receiver of traces and metrics: OpenTelemetry's endpoint for all signals gets a path for each of them. */
function telemetryOf(values: Values): Config['telemetry'] {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_RESOURCE_ATTRIBUTES: resourceAttributes = {} } = values;
  const urlOf = (signal: string): string | null =>
    all === undefined ? null : `${all.replace(/\/$/, '')}/v1/${signal}`;
  const tracesUrl =
    values.OTEL_TRACES_EXPORTER === 'none' ? null : (values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? urlOf('traces'));
  const metricsUrl =
    values.OTEL_METRICS_EXPORTER === 'none' ? null : (values.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? urlOf('metrics'));
  if ((tracesUrl === null && metricsUrl === null) || values.OTEL_SDK_DISABLED) {
    return null;
  }
  return {
    tracesUrl,
    metricsUrl,
    metricsInterval: values.OTEL_METRIC_EXPORT_INTERVAL,
    headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    serviceName: values.OTEL_SERVICE_NAME ?? resourceAttributes['service.name'] ?? 'rolegate',
    resourceAttributes,
    sampler: values.OTEL_TRACES_SAMPLER,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
  };
}

function loginLimitsOf(values: Values): Config['loginLimits'] {
  return {
    perAccountAndAddress: within(QUARTER_HOUR, values.LOGIN_FAILURES_PER_ACCOUNT_AND_ADDRESS),
    perAccount: within(QUARTER_HOUR, values.LOGIN_FAILURES_PER_ACCOUNT),
    perAddress: within(HOUR, values.LOGIN_FAILURES_PER_ADDRESS),
  };
}

/** The default in production: enough for any client, and still not all of a server for one of them. */
const PRODUCTION_BUDGET = 10_000_000;

function budgetOf(values: Values, production: boolean): Config['budget'] {
  const limitOf = (given: number | undefined): number | null => (given ?? (production ? PRODUCTION_BUDGET : 0)) || null;
  return { perViewer: limitOf(values.COST_PER_VIEWER), perAddress: limitOf(values.COST_PER_ADDRESS) };
}

/** Returns true if browsers let a page of the origin use passkeys of the domain. */
function mayUse(origin: string, id: string): boolean {
  const { protocol, hostname } = new URL(origin);
  const isSecure = protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost');
  return isSecure && (hostname === id || hostname.endsWith(`.${id}`));
}

/** Passkeys belong to the domain of PUBLIC_URL, or to `localhost` in a demo, unless WEBAUTHN_RP_ID names another. */
function webauthnOf(
  { WEBAUTHN_RP_ID: given, PUBLIC_URL, CORS_ORIGINS = [] }: Values,
  demo: boolean,
): Config['webauthn'] {
  const ours = PUBLIC_URL === undefined ? (demo ? 'localhost' : null) : new URL(PUBLIC_URL).hostname;
  const id = given ?? ours;
  if (id === null || !domain.safeParse(id).success) {
    return null;
  }
  const origins = [...(PUBLIC_URL === undefined ? [] : [PUBLIC_URL]), ...CORS_ORIGINS];
  const allowed = id === 'localhost' ? [] : origins.filter((origin) => mayUse(origin, id));
  return given === undefined && id !== 'localhost' && allowed.length === 0 ? null : { id, origins: allowed };
}

/** Builds the configuration from parsed values, and applies the defaults that depend on the mode. */
export function buildConfig(values: Values, { production, demo }: Mode): Omit<Config, 'warnings'> {
  // A demo logs warnings only, so that the banner stays visible in its terminal.
  const logLevel = values.LOG_LEVEL ?? (demo ? 'warn' : 'info');
  return {
    production,
    demo,
    host: values.HOST,
    port: values.PORT,
    metricsPort: values.METRICS_PORT ?? null,
    workers: values.WORKERS,
    shutdownDelaySeconds: values.SHUTDOWN_DELAY_SECONDS,
    idleConnectionsPerAddress: values.IDLE_CONNECTIONS_PER_ADDRESS,
    budget: budgetOf(values, production),
    publicUrl: values.PUBLIC_URL ?? null,
    trustProxy: values.TRUST_PROXY ?? [],
    dataDir: values.DATA_DIR,
    database: databaseOf(values),
    jwt: {
      secrets: values.JWT_SECRET ?? [],
      issuer: values.JWT_ISSUER ?? DEMO_NAME,
      audience: values.JWT_AUDIENCE ?? DEMO_NAME,
    },
    accessTokenMinutes: values.ACCESS_TOKEN_MINUTES,
    sessionDays: values.SESSION_DAYS,
    sessionIdleDays: values.SESSION_IDLE_DAYS,
    basicAuth: values.BASIC_AUTH ?? !production,
    openRegistration: values.OPEN_REGISTRATION,
    requireVerifiedEmail: values.REQUIRE_VERIFIED_EMAIL,
    apiKeyDays: values.API_KEY_DAYS ?? null,
    loginLimits: loginLimitsOf(values),
    mfaRequiredRoles: values.MFA_REQUIRED_ROLES,
    webauthn: webauthnOf(values, demo),
    idps: idpsOf(values),
    signInIssuers: signInIssuersOf(values),
    corsOrigins: values.CORS_ORIGINS ?? (demo ? [HOSTED_SANDBOX] : []),
    trustedDocuments: values.TRUSTED_DOCUMENTS,
    schemaVisibility: values.SCHEMA_VISIBILITY,
    publicAuthorNames: values.PUBLIC_AUTHOR_NAMES,
    demoData: values.DEMO_DATA ?? demo,
    firstAdmin: firstAdminOf(values),
    mail: mailOf(values),
    webhookAllowedNetworks: values.WEBHOOK_ALLOWED_NETWORKS ?? [],
    telemetry: telemetryOf(values),
    traceResolversPercent: values.TRACE_RESOLVERS_PERCENT,
    accessLog: values.ACCESS_LOG && LOG_LEVELS.indexOf(logLevel) >= LOG_LEVELS.indexOf('info'),
    logLevel,
    plainOutput: values.LOG_LEVEL === undefined ? demo || (values.DEMO_DATA ?? demo) : values.LOG_LEVEL === 'silent',
  };
}

/** Returns the problems between issuers, and with our own tokens, which each may be valid alone. */
export function problemsOfIssuers({ idps, jwt, production }: Omit<Config, 'warnings'>): Problem[] {
  const problems = idps.flatMap(({ issuer, jwksUrl, secrets }, at): string[] => {
    const urls = [issuer, ...(jwksUrl === null ? [] : [jwksUrl])];
    return [
      ...(idps.findIndex((other) => other.issuer === issuer) < at ? ['names an issuer twice'] : []),
      ...(issuer === jwt.issuer ? ['names JWT_ISSUER, which issues our own tokens'] : []),
      ...(jwksUrl !== null && secrets.length > 0 ? ['has an issuer with both a key set and a secret: set one'] : []),
      ...(secrets.some((secret) => jwt.secrets.includes(secret)) ? ['has a secret that is in JWT_SECRET as well'] : []),
      ...(production && urls.some(isOpenHttp) ? ['must have https URLs in production'] : []),
    ];
  });
  const [first] = problems;
  return first === undefined ? [] : [{ variable: 'IDP_ISSUERS', message: first }];
}

/** Returns the problem of a domain of passkeys that no page can use. */
export function problemsOfPasskeys({ webauthn }: Omit<Config, 'warnings'>): Problem[] {
  const isUsable = webauthn === null || webauthn.origins.length > 0 || webauthn.id === 'localhost';
  const message = 'must be the domain of PUBLIC_URL or of an origin of CORS_ORIGINS over https, or a parent of it';
  return isUsable ? [] : [{ variable: 'WEBAUTHN_RP_ID', message }];
}

/** Returns the problems between the issuers at which browsers sign in, which each may be valid alone. */
export function problemsOfSignInIssuers({ signInIssuers, jwt, production }: Omit<Config, 'warnings'>): Problem[] {
  const problems = signInIssuers.flatMap(({ id, issuer }, at): string[] => [
    ...(signInIssuers.findIndex((other) => other.id === id) < at ? ['has an id twice'] : []),
    ...(signInIssuers.findIndex((other) => other.issuer === issuer) < at ? ['names an issuer twice'] : []),
    ...(issuer === jwt.issuer ? ['names JWT_ISSUER, which issues our own tokens'] : []),
    ...(production && isOpenHttp(issuer) ? ['must have https URLs in production'] : []),
  ]);
  const [first] = problems;
  return first === undefined ? [] : [{ variable: 'SIGN_IN_ISSUERS', message: first }];
}

/** Returns a warning for each setting that is valid but probably a mistake. */
export function warningsAbout(config: Omit<Config, 'warnings'>): readonly string[] {
  const warnings: string[] = [];
  if (config.demoData && !isLoopback(config.host)) {
    warnings.push('HOST accepts connections from other machines while DEMO_DATA is loaded: its passwords are public');
  }
  if (config.publicUrl?.startsWith('https:') === true && config.trustProxy.length === 0) {
    warnings.push(
      'PUBLIC_URL is https, so there is a proxy; without TRUST_PROXY all clients count as its address, and share its limit of failed logins',
    );
  }
  return warnings;
}
