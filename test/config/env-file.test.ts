import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError, loadEnvironment } from '../../src/config/config.ts';

/** An empty folder that is removed after the test. */
function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function envFile(content: string | Buffer): string {
  const path = join(emptyFolder(), '.env');
  writeFileSync(path, content);
  return path;
}

function refusal(path: string): string {
  try {
    loadEnvironment(path);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message;
    }
    throw error;
  }
  throw new Error('The file is accepted');
}

const utf16 = (text: string, order: 'le' | 'be'): Buffer => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};

describe('a .env file', () => {
  it('the variables of the process override the file', () => {
    const environment = loadEnvironment(envFile('PATH=/nowhere\nROLEGATE_TEST="a # b"\n'));
    expect(environment).toMatchObject({ ROLEGATE_TEST: 'a # b', PATH: process.env['PATH'] });
  });

  it('the file may be missing', () => {
    expect(loadEnvironment('/nowhere/.env')).toEqual(process.env);
  });

  it.each([
    ['empty', ''],
    ['of comments', '# one\n\n   # two'],
    ['with a byte order mark', '\uFEFFROLEGATE_TEST=production\n'],
    ['with CRLF', '# a comment\r\nROLEGATE_TEST=production\r\n'],
    ['with CR alone', '# a comment\rROLEGATE_TEST=production\rOTHER=1'],
    ['with export', 'export ROLEGATE_TEST=production'],
    ['with blanks', '  ROLEGATE_TEST = production  # why'],
    ['with a value of several lines', 'KEY="-----BEGIN\nabc def\n-----END"\nROLEGATE_TEST=production'],
    ['with letters of any language', '# für später\nNAME=Müller\nROLEGATE_TEST=production'],
  ])('a file is read: %s', (_case, text) => {
    const { ROLEGATE_TEST } = loadEnvironment(envFile(text));
    expect(ROLEGATE_TEST).toBe(text.includes('ROLEGATE_TEST') ? 'production' : undefined);
  });

  it.each([
    ['in UTF-16 LE', utf16('NODE_ENV=production\n', 'le')],
    ['in UTF-16 BE', utf16('NODE_ENV=production\n', 'be')],
    ['in UTF-16 without a mark', Buffer.from('NODE_ENV=production\n', 'utf16le')],
    ['in UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x4e, 0, 0, 0])],
    ['in Latin-1', Buffer.from('NODE_ENV=production\nNAME=M\xfcller\n', 'latin1')],
    ['with a NUL', Buffer.from('NODE_ENV=production\0\n')],
  ])('a file in another encoding is refused: %s', (_case, bytes) => {
    expect(refusal(envFile(bytes))).toMatch(/\.env is not UTF-8 .*: save it as UTF-8$/);
  });

  it.each([
    ['a line of YAML', 'A=1\nNODE_ENV: production', 2],
    ['a line without "="', '# x\n\nNODE_ENV production\nA=1', 3],
    ['a name with an invisible character', '\u200BNODE_ENV=production', 1],
    ['a second byte order mark', '\uFEFF\uFEFFNODE_ENV=production', 1],
    ['JSON', '{ "NODE_ENV": "production" }', 1],
    ['a line after a value of several lines', 'KEY="a\nb"\nsecret-text', 3],
  ])('a file with a line that is not valid is refused: %s', (_case, text, line) => {
    const message = refusal(envFile(text));
    expect(message).toContain(`.env has a line ${line} that is neither NAME=value nor a comment`);
    expect(message).not.toMatch(/production|secret-text/);
  });

  it('a file that sets a variable twice is refused', () => {
    expect(refusal(envFile('NODE_ENV=production\nPORT=1\nNODE_ENV=development'))).toMatch(/sets NODE_ENV twice/);
    expect(loadEnvironment(envFile('OTHER=1\nOTHER=2'))).toMatchObject({ OTHER: '2' });
  });

  it('a link to a missing file is refused, since it would be taken for a missing file', () => {
    const path = join(emptyFolder(), '.env');
    symlinkSync('/mounted/later/.env', path);
    expect(refusal(path)).toMatch(/\.env is a link to a file that does not exist/);
  });

  it('a folder, and a file that cannot be opened, are refused', () => {
    const folder = join(emptyFolder(), '.env');
    mkdirSync(folder);
    expect(refusal(folder)).toMatch(/\.env is a folder: replace it by a file, or remove it/);
    expect(refusal(`${envFile('A=1')}/.env`)).toMatch(/\.env cannot be read \(ENOTDIR\)/);
  });

  it('a file to which an editor has added .txt is refused', () => {
    const path = join(emptyFolder(), '.env');
    writeFileSync(`${path}.txt`, 'NODE_ENV=production');
    expect(refusal(path)).toMatch(/\.env does not exist, but .*\.env\.txt does: rename that file/);
  });
});
