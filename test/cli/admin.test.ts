import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FirstAdminRefused } from '../../src/auth/operator.ts';
import { adminCommand, readPassword } from '../../src/cli/admin.ts';
import { readConfig } from '../../src/config/config.ts';
import { createTestHasher } from '../support/environment.ts';

const PASSWORD = 'correct horse battery staple lamp';

describe('npm run admin', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rolegate-admin-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function run(args: readonly string[], password: string | null = PASSWORD) {
    const said = { out: [] as string[], err: [] as string[], asked: 0 };
    const code = await adminCommand(args, readConfig({ DATA_DIR: folder, DEMO_DATA: 'false' }), {
      out: (text) => void said.out.push(text),
      err: (text) => void said.err.push(text),
      readPassword: async () => {
        said.asked += 1;
        return password;
      },
      hasher: createTestHasher(),
    });
    return { code, ...said, text: [...said.out, ...said.err].join('\n') };
  }

  it('create creates the first SUPER_ADMIN, and refuses the second', async () => {
    const first = await run(['create', 'founder']);
    expect([first.code, first.out.at(-1), first.err]).toEqual([0, 'Done: founder is the first SUPER_ADMIN.', []]);
    expect(first.text).not.toContain(PASSWORD);
    const second = await run(['create', 'second@example.com']);
    expect([second.code, second.err]).toEqual([1, [expect.stringMatching(/^There is a SUPER_ADMIN already/)]]);
  });

  it('reset sets a new password for a user, and refuses unknown users and weak passwords', async () => {
    await run(['create', 'founder']);
    const done = await run(['reset', 'founder'], 'seven otters by the lake');
    expect([done.code, done.out.at(-1), done.err]).toEqual([
      0,
      'Done: founder has a new password, and no sessions.',
      [],
    ]);
    expect(done.text).not.toContain('otters');
    const unknown = await run(['reset', 'nobody'], 'seven otters by the lake');
    expect([unknown.code, unknown.err]).toEqual([
      1,
      ['No user has this user name or e-mail address. Nothing was changed.'],
    ]);
    const weak = await run(['reset', 'founder'], 'founder founder 1');
    expect([weak.code, weak.err]).toEqual([
      1,
      [expect.stringMatching(/^This is built from your name.* Nothing was changed\.$/)],
    ]);
  });

  it('create says why a password is refused, and creates no user', async () => {
    await expect(run(['create', 'founder'], 'founder founder 1')).rejects.toThrow(FirstAdminRefused);
    expect((await run(['create', 'founder'], null)).code).toBe(1);
    expect((await run(['create', 'founder'])).code).toBe(0);
  });

  it.each([
    [[]],
    [['create']],
    [['delete', 'founder']],
    [['create', 'founder', PASSWORD]],
    [['create', 'Founder Smith']],
    [['create', '']],
    [['create', '--password=x']],
  ])('the arguments %j are refused, and no password is asked for', async (args) => {
    const { code, err, asked } = await run(args);
    expect([code, asked]).toEqual([2, 0]);
    expect(err.join()).not.toContain(PASSWORD);
  });
});

/** Types lines on a terminal. Returns the password, and all that the terminal shows. */
async function typed(...lines: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const shown: string[] = [];
  const reading = readPassword({
    input,
    output: {
      write: (text: string) => {
        shown.push(text);
        if (text.endsWith(': ')) {
          setImmediate(() => input.write(`${lines[shown.filter((one) => one.endsWith(': ')).length - 1]}\r`));
        }
      },
    },
  });
  return { password: await reading, shown: shown.join('') };
}

/** Returns an input into which a text is piped. */
const piped = (text: string) => {
  const input = new PassThrough();
  input.end(text);
  return readPassword({ input, output: { write: () => expect.unreachable('nothing is asked') } });
};

describe('the password', () => {
  it('the password is asked for twice on a terminal, and not shown', async () => {
    expect(await typed(PASSWORD, PASSWORD)).toEqual({ password: PASSWORD, shown: 'Password: \nAgain: \n' });
  });

  it('a password that differs the second time is refused', async () => {
    expect(await typed(PASSWORD, 'another')).toEqual({ password: null, shown: 'Password: \nAgain: \n' });
  });

  it.each([
    [`${PASSWORD}\n`, PASSWORD],
    [`${PASSWORD}\r\n`, PASSWORD],
    [PASSWORD, PASSWORD],
    [` ${PASSWORD} \n\n`, ` ${PASSWORD} \n`],
    ['', ''],
  ])('a piped password is read without one line end: %j', async (text, password) => {
    expect(await piped(text)).toBe(password);
  });
});
