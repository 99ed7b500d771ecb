import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usersCommand } from '../../src/cli/users.ts';
import { readConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/database/database.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { openTestDatabase } from '../support/database.ts';
import { emptyFolder } from '../support/process.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function run(args: readonly string[], stdout: Writable = new PassThrough().resume()) {
  const said = { out: [] as string[], err: [] as string[] };
  const code = await usersCommand(args, readConfig({ DATA_DIR: '/nowhere' }), {
    out: (text) => void said.out.push(text),
    err: (text) => void said.err.push(text),
    now: () => new Date('2026-01-15T12:00:00.000Z'),
    stdout,
    openDatabase: async () => ({ ...database, close: () => Promise.resolve() }),
  });
  return { code, ...said };
}

const eventsOf = (action: string) =>
  database.run(systemScope, (em) =>
    em.execute<{ details: object }[]>('select details from audit_events where action = ? order by id', [action]),
  );

/** A stream that fails as a closed pipe or a full disk does. */
const failing = (code: string): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code, syscall: 'write' })),
  }).on('error', () => undefined);

describe('npm run users', () => {
  it.each([
    [['export', '-x.csv'], /Unknown option|-x/],
    [['export', 'a.csv', 'b.csv'], /Unexpected argument "b\.csv"/],
    [['export', '--dry-run'], /Only import has --dry-run/],
    [['import'], /Name the file to import/],
    [['import', '--dryrun', 'a.csv'], /--dryrun/],
    [['exprot'], /There is no command "exprot"/],
    [[], /A command is missing/],
  ])('the arguments %j are explained, and nothing is written', async (args, expected) => {
    const { code, err } = await run(args);
    expect([code, err.length]).toEqual([2, 1]);
    expect(err[0]).toMatch(expected);
    expect(err[0]).toContain('Usage: npm run users');
  });

  it('a file that cannot be read or written is described in one sentence', async () => {
    const folder = emptyFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const [args, expected] of [
      [['import', join(folder, 'none')], /cannot be read: there is no such file or folder\.$/],
      [['import', folder], /cannot be read: it is a folder\.$/],
      [['export', join(folder, 'none', 'x')], /cannot be written: there is no such file or folder\.$/],
      [['export', folder], /cannot be written: it is a folder\.$/],
      [['export', join(file, 'x')], /cannot be written: a part of its path is not a folder\.$/],
      [['export', '/dev/full'], /cannot be written: the disk is full\.$/],
    ] as const) {
      const { code, err } = await run(args);
      expect([args, code, err.at(-1)]).toEqual([args, 1, expect.stringMatching(expected)]);
      expect(err.join('\n')).not.toMatch(/\n\s+at |Error:/);
    }
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('an export ends silently when the reader of a pipe leaves, and with one sentence on a full disk', async () => {
    const before = await eventsOf('users.exported');
    expect(await run(['export'], failing('EPIPE'))).toEqual({ code: 0, out: [], err: [] });
    const full = await run(['export'], failing('ENOSPC'));
    expect(full).toEqual({ code: 1, out: [], err: ['Standard output cannot be written: the disk is full.'] });
    expect((await eventsOf('users.exported')).length - before.length).toBe(2);
  });

  it('an export replaces an existing file only when it is complete, and writes through links', async () => {
    const folder = emptyFolder();
    const file = join(folder, 'users.csv');
    writeFileSync(file, 'old');
    symlinkSync(file, join(folder, 'link'));
    expect((await run(['export', join(folder, 'link')])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/^username,email,display_name,roles,account,active\n/);
    expect((await run(['export', file])).code).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(['link', 'users.csv']);
  });

  it('the audit trail records who was imported, with their roles', async () => {
    const file = join(emptyFolder(), 'users.csv');
    writeFileSync(
      file,
      "username,email,display_name,roles\nnew.chief,chief@localhost,'=Chief,SUPER_ADMIN GUEST\nnew.clerk,a..b@x.org,＋1,",
    );
    const { code, out } = await run(['import', file]);
    expect([code, out.at(-1)]).toEqual([0, 'Done: 2 users.']);
    const rows = await database.run(systemScope, (em) =>
      em.execute<object[]>(
        `select u.username, u.display_name as name, e.details from audit_events e join users u on u.id::text = e.target_id
         where e.action = 'user.created' and u.username like 'new.%' order by 1`,
      ),
    );
    const account = null;
    expect(rows).toEqual([
      { username: 'new.chief', name: '=Chief', details: { roles: ['SUPER_ADMIN', 'GUEST'], account, imported: true } },
      { username: 'new.clerk', name: '＋1', details: { roles: [], account, imported: true } },
    ]);
    expect((await eventsOf('users.imported')).at(-1)).toEqual({ details: { users: 2 } });
  });
});
