import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { readSecretFiles, SECRET_FILES } from '../../src/config/files.ts';
import { everythingSaid, PRODUCTION, refusalOf, SECRET } from './environments.ts';

function file(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-secret-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'secret');
  writeFileSync(path, content);
  return path;
}

describe('a secret in a file', () => {
  it.each(SECRET_FILES)('the file of %s stands for the variable', (name) => {
    const variable = name.replace(/_FILE$/, '');
    expect(readSecretFiles({ [name]: file('the content\n'), OTHER: 'x' })).toEqual({
      [variable]: 'the content',
      OTHER: 'x',
    });
  });

  it('secrets in files start a server in production', () => {
    const environment = { ...PRODUCTION, JWT_SECRET: undefined, JWT_SECRET_FILE: file(`${SECRET}\r\n`) };
    expect(readConfig(readSecretFiles(environment)).jwt.secrets).toEqual([SECRET]);
  });

  it('a secret keeps its blanks, and loses its line end only', () => {
    const path = file('  a quiet wooden bridge \n');
    expect(readSecretFiles({ FIRST_ADMIN_PASSWORD_FILE: path })).toEqual({
      FIRST_ADMIN_PASSWORD: '  a quiet wooden bridge ',
    });
  });

  it('an empty variable names no file, as in compose files', () => {
    expect(readSecretFiles({ JWT_SECRET_FILE: ' ', JWT_SECRET: SECRET })).toEqual({ JWT_SECRET: SECRET });
  });

  it.each([
    ['no file', () => '/nowhere/secret', 'cannot be read (ENOENT)'],
    ['a folder', () => tmpdir(), 'cannot be read (EISDIR)'],
    ['an empty file', () => file('\n'), 'an empty file'],
    ['several lines', () => file(`${SECRET}\n${SECRET}\n`), 'several lines'],
    ['another encoding', () => file(Buffer.from([0xff, 0xfe, 0x41, 0])), 'not UTF-8'],
    ['a long file', () => file('x'.repeat(70_000)), 'too long'],
  ])('%s is refused, and its content is not repeated', (_, path, message) => {
    const environment = { JWT_SECRET_FILE: path() };
    expect(() => readSecretFiles(environment)).toThrow(`JWT_SECRET_FILE names`);
    expect(() => readSecretFiles(environment)).toThrow(message);
    expect(() => readSecretFiles(environment)).not.toThrow(SECRET);
  });

  it('a file is refused beside the variable itself, and all problems are listed', () => {
    const environment = { JWT_SECRET: SECRET, JWT_SECRET_FILE: file(SECRET), SMTP_URL_FILE: '/nowhere/smtp' };
    expect(() => readSecretFiles(environment)).toThrow('JWT_SECRET_FILE is set beside JWT_SECRET: set one of them');
    expect(() => readSecretFiles(environment)).toThrow('SMTP_URL_FILE names a file that cannot be read (ENOENT)');
  });

  it('a misspelt variable for a file stops the start, as the variable itself does', () => {
    expect(refusalOf({ JWT_SECRET_FIEL: '/run/secret' }).message).toContain(
      'rename it to JWT_SECRET_FILE, or remove it',
    );
    expect(everythingSaid({ SMTP_URL_FIEL: '/run/secret' })).toContain('rename it to SMTP_URL_FILE');
  });
});
