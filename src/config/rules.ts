import { isIP } from 'node:net';
import { flag } from './values.ts';
import type { Variable } from './variables.ts';

/** The text of each variable that was set. */
export type Given = Readonly<Partial<Record<Variable, string>>>;

/** One problem of the configuration. The message completes "VARIABLE …" and contains no value. */
export interface Problem {
  readonly variable: string;
  readonly message: string;
}

/** Advice for a missing variable. */
const HELP: Partial<Record<Variable, string>> = {
  DATABASE_URL: 'postgres://user:password@host:5432/database, with a login that owns no tables',
  JWT_SECRET: 'generate one with "openssl rand -base64 48"',
  JWT_ISSUER: 'the "iss" of our tokens, for example https://api.example.com',
  JWT_AUDIENCE: 'the "aud" of our tokens, for example https://api.example.com/graphql',
  PUBLIC_URL: 'the origin under which clients reach this server, for example https://api.example.com',
};

/** The variables that have no default outside of the demo, beside those of our own tokens. */
const REQUIRED: readonly Variable[] = ['DATABASE_URL'];
const REQUIRED_BY_TOKENS: readonly Variable[] = ['JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE'];

/** Pairs of a variable and the variables without which it is useless or unsafe. */
const NEEDS: readonly (readonly [Variable, readonly Variable[]])[] = [
  ['DATABASE_ADMIN_URL', ['DATABASE_URL']],
  ['DATABASE_LISTEN_URL', ['DATABASE_URL']],
  ['DATABASE_REPLICA_URLS', ['DATABASE_URL']],
  ['IDP_ISSUER', ['IDP_AUDIENCE']],
  ['IDP_AUDIENCE', ['IDP_ISSUER']],
  ['IDP_JWKS_URL', ['IDP_ISSUER', 'IDP_AUDIENCE']],
  ['IDP_SECRET', ['IDP_ISSUER', 'IDP_AUDIENCE']],
  ['IDP_ROLES', ['IDP_ISSUER', 'IDP_AUDIENCE']],
  ['IDP_ROLES_CLAIM', ['IDP_ISSUER', 'IDP_AUDIENCE']],
  ['IDP_PERMISSIONS_CLAIM', ['IDP_ISSUER', 'IDP_AUDIENCE']],
  ['SIGN_IN_ISSUERS', ['PUBLIC_URL']],
  ['FIRST_ADMIN_LOGIN', ['FIRST_ADMIN_PASSWORD']],
  ['FIRST_ADMIN_PASSWORD', ['FIRST_ADMIN_LOGIN']],
  ['SMTP_URL', ['MAIL_FROM', 'PUBLIC_URL']],
  ['MAIL_FROM', ['SMTP_URL']],
];

const NO_DEMO_DATA: Problem = {
  variable: 'DEMO_DATA',
  message: 'must be off in production: its passwords are public',
};

/** The variables whose URLs must be https in production, because http can be read and changed in transit. */
const HTTPS_IN_PRODUCTION: readonly Variable[] = ['PUBLIC_URL', 'CORS_ORIGINS', 'IDP_ISSUER', 'IDP_JWKS_URL'];

/** The mode of the server: production requires the most settings, the demo almost none. */
export interface Mode {
  readonly production: boolean;
  readonly demo: boolean;
}

/** Returns the mode. The demo has no DATABASE_URL and is not production. */
export function modeOf(given: Given): Mode {
  const production = given.NODE_ENV === 'production';
  return { production, demo: !production && given.DATABASE_URL === undefined };
}

/** Returns true if only this machine reaches the host: RFC 6761 §6.3 and the loopback networks. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** Returns true if the URL is http and its host is another machine. */
export function isOpenHttp(url: string): boolean {
  const parsed = URL.parse(url.trim());
  return parsed?.protocol === 'http:' && !isLoopback(parsed.hostname);
}

function missing(variable: Variable, why: string): Problem {
  const help = HELP[variable];
  return { variable, message: `is missing: ${why}${help === undefined ? '' : ` (${help})`}` };
}

function requiredProblems(given: Given, mode: Mode, withTokens: boolean): Problem[] {
  const why = mode.production ? 'production requires it' : 'it is required when DATABASE_URL is set';
  const required = mode.demo ? [] : [...REQUIRED, ...(withTokens ? REQUIRED_BY_TOKENS : [])];
  return required.filter((variable) => given[variable] === undefined).map((variable) => missing(variable, why));
}

function needsProblems(given: Given): Problem[] {
  const applicable = NEEDS.filter(([variable]) => given[variable] !== undefined);
  return applicable.flatMap(([variable, needed]) =>
    needed
      .filter((other) => given[other] === undefined)
      .map((other) => missing(other, `${variable} is set and requires it; set both or neither`)),
  );
}

function productionProblems(given: Given): Problem[] {
  const open = HTTPS_IN_PRODUCTION.filter((variable) => (given[variable] ?? '').split(',').some(isOpenHttp));
  const problems = open.map((variable): Problem => ({ variable, message: 'must be https in production' }));
  return flag.safeParse(given.DEMO_DATA).data === true ? [...problems, NO_DEMO_DATA] : problems;
}

function clashes(given: Given, mode: Mode): Problem[] {
  const problems: Problem[] = [];
  if (given.METRICS_PORT !== undefined && given.METRICS_PORT !== '0' && given.METRICS_PORT === (given.PORT ?? '4000')) {
    problems.push({ variable: 'METRICS_PORT', message: 'must differ from PORT' });
  }
  if (given.DATABASE_URL === undefined && Number(given.WORKERS ?? '1') > 1) {
    problems.push({
      variable: 'WORKERS',
      message: 'must be 1 without DATABASE_URL: only one process can open the embedded database',
    });
  }
  if (given.SESSION_IDLE_DAYS !== undefined && Number(given.SESSION_IDLE_DAYS) > Number(given.SESSION_DAYS ?? '30')) {
    problems.push({
      variable: 'SESSION_IDLE_DAYS',
      message: 'must not exceed SESSION_DAYS, after which every session ends',
    });
  }
  if (flag.safeParse(given.REQUIRE_VERIFIED_EMAIL).data === true && given.SMTP_URL === undefined && !mode.demo) {
    problems.push({ variable: 'REQUIRE_VERIFIED_EMAIL', message: 'needs SMTP_URL: addresses are confirmed by mail' });
  }
  if (given.IDP_SECRET !== undefined && given.IDP_JWKS_URL !== undefined) {
    problems.push({
      variable: 'IDP_SECRET',
      message: 'is set beside IDP_JWKS_URL: an issuer signs with a secret or with keys, so set one of them',
    });
  }
  if (given.IDP_ISSUER !== undefined && given.IDP_ISSUER === given.JWT_ISSUER) {
    problems.push({ variable: 'IDP_ISSUER', message: 'must differ from JWT_ISSUER, which names our own tokens' });
  }
  return problems;
}

/**
 * Returns the problems between variables that may each be valid alone. At most one a variable, the most severe.
 *
 * @param withTokens whether our own tokens are issued or read, so that their variables are required
 */
export function problemsBetween(given: Given, mode: Mode, withTokens: boolean): readonly Problem[] {
  const all = [
    ...requiredProblems(given, mode, withTokens),
    ...needsProblems(given),
    ...(mode.production ? productionProblems(given) : []),
    ...clashes(given, mode),
  ];
  return all.filter((problem, at) => all.findIndex(({ variable }) => variable === problem.variable) === at);
}

/** The environment is not usable. Lists every problem at once, each with what to do, and contains no values. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable} ${message}`);
    super(['The configuration cannot be used:', ...lines].join('\n'));
    this.name = 'ConfigError';
    this.problems = Object.freeze([...problems]);
  }
}
