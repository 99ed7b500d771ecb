import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError, type Problem } from './rules.ts';
import { readSecret } from './secrets.ts';
import type { Variable } from './variables.ts';

/** A line `NAME=value`, as `parseEnv` reads it. A quoted value may span lines. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`)?[^\n]*$|^[ \t]*#[^\n]*$/gm;

const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * Reads a `.env` file in UTF-8, with or without a byte order mark. A file that is only partly understood is refused,
 * because an overlooked `NODE_ENV=production` or `DATABASE_URL` would start the server as a demo.
 *
 * @param known the variables that must not be set twice in the file
 * @returns no variables if there is no file
 * @throws {ConfigError} if the file cannot be read, is not UTF-8, or has a line that sets no variable
 */
export function readEnvFile(path: string, known: readonly string[]): Readonly<Record<string, string | undefined>> {
  const bytes = readBytes(path);
  if (bytes === null) {
    return {};
  }
  // parseEnv accepts only "\n" and "\r\n" as line ends: with "\r" alone everything after a first comment would be one.
  const text = decode(path, bytes).replaceAll(/\r\n?/g, '\n');
  const names = [...text.matchAll(ASSIGNMENT)].flatMap(([, name]) => name ?? []);
  const line = lineOfRest(text);
  if (line !== null) {
    throw refusal(path, `has a line ${line} that is neither NAME=value nor a comment`);
  }
  const twice = known.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) {
    throw refusal(path, `sets ${twice} twice: keep one of the lines`);
  }
  return parseEnv(text);
}

function refusal(path: string, message: string): ConfigError {
  return new ConfigError([{ variable: path, message }]);
}

function readBytes(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code !== 'ENOENT') {
      throw refusal(
        path,
        code === 'EISDIR'
          ? 'is a folder: replace it by a file, or remove it (Docker creates a folder where a mounted file is missing)'
          : `cannot be read (${code}): make it readable, or remove it`,
      );
    }
  }
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw refusal(path, 'is a link to a file that does not exist: put the file there, or remove the link');
  }
  if (existsSync(`${path}.txt`)) {
    throw refusal(path, `does not exist, but ${path}.txt does: rename that file`);
  }
  return null;
}

function decode(path: string, bytes: Buffer): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) {
      return text.replace(BYTE_ORDER_MARK, '');
    }
  } catch (error) {
    if (!(error instanceof TypeError)) {
      throw error;
    }
  }
  throw refusal(path, 'is not UTF-8 (UTF-16 or an older encoding): save it as UTF-8');
}

/** Returns the number of the first line that is not blank and not part of an assignment or a comment, or null. */
function lineOfRest(text: string): number | null {
  // Matched text is replaced by its own line ends, so that line numbers stay true.
  const rest = text.replaceAll(ASSIGNMENT, (matched) => matched.replaceAll(/[^\n]/g, ''));
  const at = rest.split('\n').findIndex((line) => line.trim() !== '');
  return at === -1 ? null : at + 1;
}

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
    } else if ('problem' in read) {
      problems.push({ variable, message: read.problem });
    } else {
      result[name] = read.secret;
    }
  }
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return result;
}
