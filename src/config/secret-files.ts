import { ConfigError, type Problem } from './rules.ts';
import { readSecret } from './secrets.ts';
import type { Variable } from './variables.ts';

/** The variables that hold secrets: each may be given as the path of a file, in a variable named with `_FILE` at its end. */
const SECRETS = [
  'DATABASE_URL',
  'DATABASE_ADMIN_URL',
  'DATABASE_LISTEN_URL',
  'JWT_SECRET',
  'IDP_SECRET',
  'IDP_ISSUERS',
  'SIGN_IN_ISSUERS',
  'FIRST_ADMIN_PASSWORD',
  'SMTP_URL',
  'OTEL_EXPORTER_OTLP_HEADERS',
] as const satisfies readonly Variable[];

/** The names of the variables that hold paths of secrets. */
export const SECRET_FILES: readonly string[] = Object.freeze(SECRETS.map((name) => `${name}_FILE`));

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces each `…_FILE` variable by the variable that it stands for, with the content of the file, as containers and
 * systemd hand secrets over. The line end behind the secret is dropped; blanks are treated as in the variable itself.
 *
 * @throws {ConfigError} with all files that cannot be read, and all secrets that are given twice
 */
export function readSecretFiles(environment: Environment): Environment {
  const problems: Problem[] = [];
  const result: Record<string, string | undefined> = { ...environment };
  for (const name of SECRETS) {
    const variable = `${name}_FILE`;
    const path = environment[variable]?.trim() ?? '';
    delete result[variable];
    if (path === '') {
      continue;
    }
    const read = (environment[name] ?? '').trim() === '' ? readSecret(path) : null;
    if (read === null) {
      problems.push({ variable, message: `is set beside ${name}: set one of them` });
    } else if ('fault' in read) {
      problems.push({ variable, message: read.fault });
    } else {
      result[name] = read.secret;
    }
  }
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return result;
}
