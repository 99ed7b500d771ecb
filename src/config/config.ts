import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { buildConfig, warningsAbout } from './build.ts';
import { type Given, modeOf, type Problem, problemsBetween } from './rules.ts';
import { meantBy } from './typos.ts';
import type { Config } from './types.ts';
import { type Variable, variables } from './variables.ts';

export type { Config, DatabaseConfig, FailureLimit, IdpConfig, LogLevel, MappableRole } from './types.ts';
export type { Problem } from './rules.ts';

/** Names and texts, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The names of all variables that {@link readConfig} knows. */
export const VARIABLES: readonly Variable[] = Object.freeze(variables.keyof().options);

/** The environment cannot be used. Lists every problem at once, each with what to do, and no value of any variable. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable} ${message}`);
    super(['The configuration cannot be used:', ...lines].join('\n'));
    this.name = 'ConfigError';
    this.problems = Object.freeze([...problems]);
  }
}

/** All of a password counts, blanks at its ends too. */
const VERBATIM: ReadonlySet<Variable> = new Set(['FIRST_ADMIN_PASSWORD']);

/** A variable that is empty, or blank, counts as absent: that is how compose files and `.env` leave one out. */
function given(environment: Environment): Given {
  const entries = VARIABLES.map((name) => {
    const text = environment[name] ?? '';
    return [name, VERBATIM.has(name) && text.trim() !== '' ? text : text.trim()] as const;
  });
  return Object.fromEntries(entries.filter(([, text]) => text !== ''));
}

function problemOf({ path, message }: z.core.$ZodIssue): Problem {
  const [variable, index] = path;
  const item = typeof index === 'number' ? `(item ${index + 1}) ` : '';
  return { variable: String(variable), message: `${item}${message}` };
}

/** Variables that are not ours and look as if they were meant to be. */
function misspelt(environment: Environment): Problem[] {
  const unknown = Object.keys(environment).filter((name) => !VARIABLES.some((known) => known === name));
  return unknown.flatMap((variable) => {
    const meant = meantBy(variable, VARIABLES);
    return meant === null ? [] : [{ variable, message: `is not a variable of this server: is ${meant} meant?` }];
  });
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
  }
  return Object.freeze(value);
}

/**
 * Parses the environment, once and for all.
 *
 * Without DATABASE_URL and outside production the result is a demo, which may leave everything out. With either,
 * nothing unsafe is defaulted: what is missing is listed.
 *
 * @throws {ConfigError} with every problem there is.
 */
export function readConfig(environment: Environment): Config {
  const texts = given(environment);
  const mode = modeOf(texts);
  const parsed = variables.safeParse(texts);
  const wrong = parsed.error?.issues.map(problemOf) ?? [];
  const problems = [...wrong, ...problemsBetween(texts, mode)];
  const suspects = misspelt(environment);
  if (parsed.data === undefined || problems.length > 0) {
    throw new ConfigError([...problems, ...suspects]);
  }
  const config = buildConfig(parsed.data, mode);
  const doubts = suspects.map(({ variable, message }) => `${variable} ${message}`);
  return deepFreeze({ ...config, warnings: [...warningsAbout(config), ...doubts] });
}

function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return '';
    }
    throw error;
  }
}

/**
 * The process's environment over the `.env` file's, if there is one: what was exported wins.
 *
 * @param path relative to the working directory
 * @throws if the file is there and cannot be read.
 */
export function loadEnvironment(path = '.env'): Environment {
  return { ...parseEnv(readIfPresent(path)), ...process.env };
}
