import type { Logger } from 'pino';
import type { ApolloServerPlugin } from '@apollo/server';
import type { Policy } from '../access/index.ts';
import { followAccessVersion } from '../auth/access-version.ts';
import { type Auth, createAuth } from '../auth/auth.ts';
import type { AuthDependencies, TrustedIssuer } from '../auth/dependencies.ts';
import { createExternalIssuer } from '../auth/oidc/issuer.ts';
import { createIssuerClient } from '../auth/oidc/issuer-client.ts';
import { createPasswordCheck } from '../auth/passwords/policy.ts';
import { createPasswordHasher, type PasswordHasher } from '../auth/passwords/hashing.ts';
import { createFirstAdmin } from '../auth/operator.ts';
import { createLogMailer, createSmtpMailer, type Mailer } from '../auth/registration/mail.ts';
import { sessionCookie } from '../auth/strategies/session-cookie.ts';
import { createAccessTokens } from '../auth/tokens/access-token.ts';
import { createRefreshTokens } from '../auth/tokens/refresh-token.ts';
import { type Config, ConfigError, type IdpConfig } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { deriveKey } from '../lib/secrets.ts';
import type { RequestContext } from '../context.ts';
import type { Progress } from '../database/migrate.ts';

/** The dependencies that the edges of the process hand in. */
export interface AppEdges {
  readonly log: Logger;
  readonly progress: Progress;
  readonly now: () => Date;
  /** Opens the database instead of what the configuration names: for tests. */
  readonly openDatabase?: () => Promise<Database>;
  readonly hasher?: PasswordHasher;
  readonly mailer?: Mailer;
  /** The Apollo Server plugins, instead of those in `plugins.ts`: for tests. */
  readonly plugins?: ApolloServerPlugin<RequestContext>[];
  /** True if instrumentation may have changed Apollo Server. */
  readonly isInstrumented?: boolean;
  /** The interval in which the audit trail is sealed, in milliseconds, instead of the usual one: for tests. */
  readonly sealInterval?: number;
  /** The interval in which events are posted to webhooks, in milliseconds, instead of the usual one: for tests. */
  readonly webhookInterval?: number;
  /** The interval in which the clock is compared with the database's, in milliseconds, instead of the usual one: for tests. */
  readonly clockInterval?: number;
}

/** Secrets of which the first signs, and all verify. */
export type Secrets = readonly [string, ...string[]];

const DAY = 24 * 3_600_000;

/** Wires authentication as the configuration says. */
export async function wireAuth(
  config: Config,
  edges: AppEdges,
  database: Database,
  policy: Policy,
  secrets: Secrets,
  onLogin?: AuthDependencies['onLogin'],
): Promise<Auth> {
  const { log, now, hasher = createPasswordHasher() } = edges;
  const { issuer, audience } = config.jwt;
  const checkPassword = createPasswordCheck({ serviceName: 'Rolegate' });
  if (config.firstAdmin !== null) {
    await createFirstAdmin(database.run, { hasher, checkPassword }, config.firstAdmin, now());
  }
  return createAuth({
    database,
    hasher,
    checkPassword,
    version: await followAccessVersion(database, (error) =>
      log.warn({ err: error }, 'the access version cannot be read'),
    ),
    tokens: createAccessTokens({
      secrets,
      issuer,
      audience,
      minutes: config.accessTokenMinutes,
      now,
    }),
    refreshTokens: createRefreshTokens(secrets.map((secret) => deriveKey(secret, 'refresh token'))),
    mailer: edges.mailer ?? (await mailerOf(config, log)),
    issuers: config.idps.map((idp) => issuerOf(idp, policy, edges)),
    signInIssuers: config.signInIssuers.map((issuer) =>
      createIssuerClient(issuer, { publicUrl: config.publicUrl ?? '', now, log }),
    ),
    lifetime: { absolute: config.sessionDays * DAY, idle: config.sessionIdleDays * DAY },
    settings: config,
    cookie: sessionCookie(config.production || config.publicUrl?.startsWith('https:') === true),
    corsOrigins: config.corsOrigins,
    permissions: [...policy.permissions.keys()].toSorted(),
    log,
    now,
    onLogin,
  });
}

/** @throws {ConfigError} if a role of the issuer is to grant a permission that the schema does not use */
function issuerOf(idp: IdpConfig, { permissions }: Policy, { log, now }: AppEdges): TrustedIssuer {
  const grants = idp.roles
    .filter(({ ours }) => ours.includes(':'))
    .map(({ theirs, ours }) => ({ theirs, permission: ours }));
  const unknown = grants.filter(({ permission }) => !permissions.has(permission));
  if (unknown.length > 0) {
    const message = `maps to a permission that the schema does not use: it uses ${[...permissions.keys()].join(', ')}`;
    throw new ConfigError([{ variable: 'IDP_ROLES', message }]);
  }
  const verifier = createExternalIssuer<string, string>({
    ...idp,
    roles: idp.roles.filter(({ ours }) => !ours.includes(':')),
    grants,
    permissions: new Set(permissions.keys()),
    now,
    onFetchFailed: (error) => log.warn({ err: error }, "the issuer's keys cannot be fetched"),
  });
  return { name: idp.issuer, verifier };
}

/** Without SMTP a demo shows its mails in the log; anywhere else they would be secrets there. */
async function mailerOf({ demo, mail }: Config, log: Logger): Promise<Mailer> {
  if (mail !== null) {
    return createSmtpMailer({ url: mail.smtpUrl, from: mail.from });
  }
  if (demo) {
    return createLogMailer({ info: (fields, message) => log.warn(fields, message) });
  }
  return {
    send: async () => log.warn('a mail was not sent: SMTP_URL is not set'),
    close: async () => undefined,
  };
}
