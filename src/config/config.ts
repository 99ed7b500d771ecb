import type { z } from 'zod';
import { buildConfig, problemsOfIssuers, problemsOfPasskeys, problemsOfSignInIssuers, warningsAbout } from './build.ts';
import { type Given, modeOf, type Problem, problemsBetween, ConfigError } from './rules.ts';
import { readEnvFile, readSecretFiles, SECRET_FILES } from './files.ts';
import type { Config } from './types.ts';
import { type Variable, variables } from './variables.ts';
import { editDistance } from '../access/edit-distance.ts';
import { isRecord } from '../access/values.ts';

export type {
  Config,
  DatabaseConfig,
  FailureLimit,
  IdpConfig,
  LogLevel,
  MappableRole,
  RelyingParty,
  SignInIssuerConfig,
} from './types.ts';
export { ConfigError } from './rules.ts';
export type { Problem } from './rules.ts';

/** Names and texts of variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The names of all variables that {@link readConfig} knows. */
export const VARIABLES: readonly Variable[] = Object.freeze(variables.keyof().options);

/** All names, with those of the variables that name files of secrets. */
const KNOWN: readonly string[] = [...VARIABLES, ...SECRET_FILES];

/** The variables whose blanks at both ends are kept. */
const VERBATIM: ReadonlySet<Variable> = new Set(['FIRST_ADMIN_PASSWORD']);

/** Returns the variables that are set. Empty and blank ones count as absent, because compose files leave variables out that way. */
function given(environment: Environment): Given {
  const entries = VARIABLES.map((name) => {
    const text = environment[name] ?? '';
    return [name, VERBATIM.has(name) && text.trim() !== '' ? text : text.trim()] as const;
  });
  return Object.fromEntries(entries.filter(([, text]) => text !== ''));
}

function problemOf({ path, message }: z.core.$ZodIssue): Problem {
  const [variable, index, member] = path;
  const within = typeof member === 'string' ? `, ${member}` : '';
  const item = typeof index === 'number' ? `(item ${index + 1}${within}) ` : '';
  return { variable: String(variable), message: `${item}${message}` };
}

/**
 * The variables whose absence makes the server less safe: a typing error in one of these names stops the start, where in
 * any other name it is a warning.
 */
const SAFETY: ReadonlySet<string> = new Set<Variable>([
  'NODE_ENV',
  'DATABASE_URL',
  'JWT_SECRET',
  'DEMO_DATA',
  'BASIC_AUTH',
  'MFA_REQUIRED_ROLES',
  'SCHEMA_VISIBILITY',
  'TRUSTED_DOCUMENTS',
  'LOGIN_FAILURES_PER_ACCOUNT_AND_ADDRESS',
  'LOGIN_FAILURES_PER_ACCOUNT',
  'LOGIN_FAILURES_PER_ADDRESS',
]);

/** A problem with the name of a variable that is unknown and similar to a known one. */
interface Suspect extends Problem {
  readonly meant: string;
}

/** Returns the unknown variables whose name looks like a typing error of a known one. */
function misspelt(environment: Environment): Suspect[] {
  const unknown = Object.keys(environment).filter((name) => !KNOWN.includes(name));
  return unknown.flatMap((name) => {
    const meant = meantBy(name, KNOWN);
    const variable = name.replaceAll(/[^\x21-\x7e]/g, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
    return meant === null
      ? []
      : [{ variable, meant, message: `is not a variable of this server: rename it to ${meant}, or remove it` }];
  });
}

function deepFreeze<Value>(value: Value): Value {
  if (isRecord(value)) {
    Object.values(value).forEach(deepFreeze);
  }
  return Object.freeze(value);
}

/**
 * Parses the environment.
 *
 * Without DATABASE_URL and outside production the result is a demo, for which every variable is optional. Otherwise
 * there are no unsafe defaults: missing variables are problems.
 *
 * @throws {ConfigError} with all problems
 */
export function readConfig(environment: Environment): Config {
  return read(environment, { withTokens: true });
}

/** The settings of commands on the tables alone, which issue and read no tokens. */
export type TablesConfig = Omit<Config, 'jwt'>;

/**
 * Parses the environment for commands on the tables alone: a job that migrates the database needs no JWT_SECRET.
 *
 * @throws {ConfigError} with all problems
 */
export function readTablesConfig(environment: Environment): TablesConfig {
  return read(environment, { withTokens: false });
}

function read(environment: Environment, { withTokens }: { readonly withTokens: boolean }): Config {
  const texts = given(environment);
  const mode = modeOf(texts);
  const parsed = variables.safeParse(texts);
  const wrong = parsed.error?.issues.map(problemOf) ?? [];
  const problems = [...wrong, ...problemsBetween(texts, mode, withTokens)];
  const suspects = misspelt(environment);
  const stops = suspects.some(({ meant }) => {
    const variable = meant.replace(/_FILE$/, '');
    return SAFETY.has(variable) && !(variable in texts);
  });
  if (parsed.data === undefined || problems.length > 0 || stops) {
    throw new ConfigError([...problems, ...suspects.map(({ variable, message }) => ({ variable, message }))]);
  }
  const config = buildConfig(parsed.data, mode);
  const conflicts = [...problemsOfIssuers(config), ...problemsOfPasskeys(config), ...problemsOfSignInIssuers(config)];
  if (conflicts.length > 0) {
    throw new ConfigError(conflicts);
  }
  const doubts = suspects.map(({ variable, message }) => `${variable} ${message}`);
  return deepFreeze({ ...config, warnings: [...warningsAbout(config), ...doubts] });
}

/**
 * Returns the variables of the `.env` file, if there is one, overridden by those of the process, with the secrets that are
 * in files of their own.
 *
 * @param path relative to the working directory
 * @throws {ConfigError} if a file exists and cannot be read or understood
 */
export function loadEnvironment(path = '.env'): Environment {
  return readSecretFiles({ ...readEnvFile(path, KNOWN), ...process.env });
}

/** Names below this length are similar by chance (HOST and HOME), so only one typing error is assumed in them. */
const SHORT_NAME = 8;

const allowed = (name: string): number => (name.length < SHORT_NAME ? 1 : 2);

/**
 * Returns the known name that an unknown one was probably meant to be, or null. Case is ignored; two typing errors are
 * assumed, one in a short name.
 */
function meantBy(unknown: string, known: readonly string[]): string | null {
  const name = unknown.toUpperCase();
  const near = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= allowed(candidate))
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate, allowed(candidate)) }))
    .filter(({ candidate, distance }) => distance <= allowed(candidate));
  return near.sort((a, b) => a.distance - b.distance)[0]?.candidate ?? null;
}
