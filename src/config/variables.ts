import { z } from 'zod';
import { USERNAME } from '../lib/names.ts';
import { readSecret, isPlaceholder, weaknessOf } from './secrets.ts';
import { type ClaimGrant, LOG_LEVELS, MAPPABLE_ROLES, SAMPLERS } from './types.ts';
import {
  addressRange,
  domain,
  flag,
  host,
  keyValues,
  list,
  mailbox,
  oneOf,
  origin,
  port,
  postgresUrl,
  ratio,
  url,
  wholeNumber,
} from './values.ts';

/** A secret that signs tokens. An attacker who guesses it can sign tokens. */
const secret = z.string().superRefine((text, context) => {
  const weakness = weaknessOf(text);
  if (weakness !== null) {
    context.addIssue(`${weakness}: generate one with "openssl rand -base64 48"`);
  }
});

/** The form of permissions; which of them exist is known once the schema is. */
const PERMISSION = /^[a-z][\w.-]*(?::[\w.-]+)+$/i;

function isPermission(name: string): name is `${string}:${string}` {
  return PERMISSION.test(name);
}

/** A pair `theirs=OURS`. The issuer's role may itself contain "=". */
const roleMapping = z.string().transform((text, context): ClaimGrant => {
  const at = text.lastIndexOf('=');
  const theirs = text.slice(0, Math.max(at, 0)).trim();
  const name = text.slice(at + 1).trim();
  const ours = MAPPABLE_ROLES.find((role) => role === name) ?? (isPermission(name) ? name : undefined);
  if (theirs !== '' && ours !== undefined) {
    return { theirs, ours };
  }
  context.addIssue(
    name === 'SUPER_ADMIN' && theirs !== ''
      ? 'maps to SUPER_ADMIN, which only a SUPER_ADMIN of this server can assign'
      : `must be theirs=OURS, where OURS is a permission or one of ${MAPPABLE_ROLES.join(', ')}`,
  );
  return z.NEVER;
});

/** Checks the length limits of the password policy (docs/decisions/0111), in code points. Its other rules need the user's names. */
function isPasswordLength(text: string): boolean {
  const { length } = Array.from(text);
  return length >= 15 && length <= 128;
}

const httpUrl = url(['https:', 'http:'], 'https://host/path');
const text = z.string().max(1_000, 'is longer than 1000 characters');

const issuerMembers = {
  issuer: httpUrl,
  audience: text.min(1, 'is empty'),
  jwksUrl: httpUrl.optional(),
  secret: list(secret).optional(),
  rolesClaim: text.default('roles'),
  roles: list(roleMapping).default([]),
  permissionsClaim: text.default('permissions'),
};

/** An issuer of IDP_ISSUERS. The names of its members are not repeated: any text may be there by mistake. */
const furtherIssuer = z.strictObject(issuerMembers, {
  error: ({ code }) =>
    code === 'unrecognized_keys'
      ? `must be an object with no members besides ${Object.keys(issuerMembers).join(', ')}`
      : 'must be an object with issuer and audience',
});

/** The content of a file, whose path is given. */
const secretFile = z.string().transform((path, context) => {
  const read = readSecret(path);
  if ('secret' in read) {
    return read.secret;
  }
  context.addIssue(read.problem);
  return z.NEVER;
});

const signInMembers = {
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 of a-z 0-9 -, since it is part of a URL'),
  label: text.min(1, 'is empty').max(60, 'is longer than 60 characters').optional(),
  issuer: httpUrl,
  clientId: text.min(1, 'is empty'),
  clientSecret: text.min(1, 'is empty').optional(),
  clientSecretFile: secretFile.optional(),
  scopes: text
    .regex(/^openid(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'must be words that begin with openid')
    .transform((words) => words.split(' '))
    .default(['openid', 'profile']),
  secondFactor: list(text).default(['mfa']),
  prompt: oneOf(['login', 'select_account', 'consent']).default('login'),
  createUsers: z.boolean('must be true or false').default(false),
};

/** An issuer of SIGN_IN_ISSUERS. */
const signInIssuer = z
  .strictObject(signInMembers, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `must be an object with no members besides ${Object.keys(signInMembers).join(', ')}`
        : 'must be an object with id, issuer and clientId',
  })
  .refine(({ clientSecret, clientSecretFile }) => clientSecret === undefined || clientSecretFile === undefined, {
    error: 'has both clientSecret and clientSecretFile: set one',
  })
  .transform(({ clientSecretFile, ...issuer }) => ({
    ...issuer,
    clientSecret: issuer.clientSecret ?? clientSecretFile,
  }));

/** Returns the parser of a JSON list of objects. */
function jsonList<Item extends z.ZodType>(item: Item, example: string) {
  return z
    .string()
    .transform((json, context): unknown => {
      try {
        return JSON.parse(json);
      } catch {
        context.addIssue(`must be JSON: ${example}`);
        return z.NEVER;
      }
    })
    .pipe(z.array(item).min(1, 'is an empty list: name at least one issuer, or leave the variable out'));
}
const failures = wholeNumber(1, 100_000);

/**
 * All variables, each with the parser of its text and the default that applies in every mode. A variable without a default
 * is optional, or its default depends on the mode and on other variables: see `rules.ts`.
 */
export const variables = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
  HOST: host.default('127.0.0.1'),
  PORT: port.default(4000),
  METRICS_PORT: port.optional(),
  WORKERS: wholeNumber(1, 64).default(1),
  SHUTDOWN_DELAY_SECONDS: wholeNumber(0, 600).default(2),
  IDLE_CONNECTIONS_PER_ADDRESS: wholeNumber(1, 100_000).default(1_000),
  COST_PER_VIEWER: wholeNumber(0, 1_000_000_000).optional(),
  COST_PER_ADDRESS: wholeNumber(0, 1_000_000_000).optional(),
  PUBLIC_URL: origin.optional(),
  TRUST_PROXY: list(addressRange).optional(),
  CORS_ORIGINS: list(origin).optional(),
  LOG_LEVEL: oneOf(LOG_LEVELS).optional(),
  ACCESS_LOG: flag.default(true),

  OTEL_SDK_DISABLED: flag.default(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: httpUrl.optional(),
  OTEL_TRACES_EXPORTER: oneOf(['otlp', 'none']).default('otlp'),
  OTEL_METRICS_EXPORTER: oneOf(['otlp', 'none']).default('otlp'),
  OTEL_METRIC_EXPORT_INTERVAL: wholeNumber(1_000, 3_600_000).default(60_000),
  OTEL_EXPORTER_OTLP_HEADERS: keyValues.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(['http/protobuf']).default('http/protobuf'),
  OTEL_SERVICE_NAME: text.optional(),
  OTEL_RESOURCE_ATTRIBUTES: keyValues.optional(),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: ratio.default(1),
  TRACE_RESOLVERS_PERCENT: wholeNumber(0, 100).default(1),

  DATA_DIR: text.default('.data'),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_ADMIN_URL: postgresUrl.optional(),
  DATABASE_LISTEN_URL: postgresUrl.optional(),
  DATABASE_REPLICA_URLS: list(postgresUrl).optional(),
  DATABASE_REPLICA_MAX_LAG_SECONDS: wholeNumber(1, 3_600).default(5),

  JWT_SECRET: list(secret).optional(),
  JWT_ISSUER: text.optional(),
  JWT_AUDIENCE: text.optional(),
  ACCESS_TOKEN_MINUTES: wholeNumber(1, 24 * 60).default(15),
  SESSION_DAYS: wholeNumber(1, 365).default(30),
  SESSION_IDLE_DAYS: wholeNumber(1, 365).default(7),
  BASIC_AUTH: flag.optional(),
  OPEN_REGISTRATION: flag.default(false),
  MFA_REQUIRED_ROLES: list(oneOf(['SUPER_ADMIN', ...MAPPABLE_ROLES])).default([]),
  WEBAUTHN_RP_ID: domain.optional(),
  REQUIRE_VERIFIED_EMAIL: flag.default(false),
  API_KEY_DAYS: wholeNumber(1, 3_650).optional(),
  LOGIN_FAILURES_PER_ACCOUNT_AND_ADDRESS: failures.default(10),
  LOGIN_FAILURES_PER_ACCOUNT: failures.default(100),
  LOGIN_FAILURES_PER_ADDRESS: failures.default(100),

  IDP_ISSUER: httpUrl.optional(),
  IDP_AUDIENCE: text.optional(),
  IDP_JWKS_URL: httpUrl.optional(),
  IDP_SECRET: list(secret).optional(),
  IDP_ROLES_CLAIM: text.default('roles'),
  IDP_ROLES: list(roleMapping).optional(),
  IDP_PERMISSIONS_CLAIM: text.default('permissions'),
  IDP_ISSUERS: jsonList(furtherIssuer, '[{"issuer": "https://…", "audience": "…", "roles": "theirs=OURS"}]').optional(),
  SIGN_IN_ISSUERS: jsonList(signInIssuer, '[{"id": "…", "issuer": "https://…", "clientId": "…"}]').optional(),

  TRUSTED_DOCUMENTS: oneOf(['off', 'prefer', 'only']).default('off'),
  SCHEMA_VISIBILITY: oneOf(['full', 'role']).default('full'),
  PUBLIC_AUTHOR_NAMES: flag.default(true),
  DEMO_DATA: flag.optional(),
  FIRST_ADMIN_LOGIN: z
    .union([z.string().regex(USERNAME), z.email()], 'must be a mail address or 2 to 40 of a-z 0-9 . _ -')
    .optional(),
  FIRST_ADMIN_PASSWORD: z
    .string()
    .refine(isPasswordLength, 'must have 15 to 128 characters')
    .refine((text) => !isPlaceholder(text), 'is a placeholder from a template: choose your own')
    .optional(),
  SMTP_URL: url(['smtp:', 'smtps:'], 'smtps://user:password@host:465').optional(),
  MAIL_FROM: mailbox.optional(),
  WEBHOOK_ALLOWED_NETWORKS: list(addressRange).optional(),
});

export type Variable = keyof typeof variables.shape;

/** The parsed variables, with the defaults of those that were not set. */
export type Values = z.output<typeof variables>;
