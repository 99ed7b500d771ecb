import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { systemScope } from '../../../src/database/scopes.ts';
import { exportUsers, importUsers } from '../../../src/modules/users/transfer.ts';
import { openTestDatabase } from '../../support/database.ts';

const now = new Date('2026-01-15T12:00:00.000Z');
let database: Database;
let steps: string[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

function importText(text: string, dryRun = false) {
  steps = [];
  return importUsers(database.run, Buffer.from(text), { dryRun, now, progress: (step) => steps.push(step) });
}

async function exported(): Promise<string> {
  let text = '';
  const write = async (csv: string): Promise<void> => {
    text += csv;
  };
  await exportUsers(database.run, write, { now, progress: () => undefined });
  return text;
}

const countUsers = () =>
  database.run(systemScope, async (em) => {
    const [row] = await em.execute<{ users: number }[]>('select count(*)::int as users from users');
    return row?.users;
  });

describe('import', () => {
  it('an import creates all users of a file, and reports its progress', async () => {
    const people = Array.from(
      { length: 2_500 },
      (_, index) => `person.${index},p${index}@example.org,Person ${index},STANDARD`,
    );
    const text = ['username,email,display_name,roles', ...people].join('\r\n');
    expect(await importText(text, true)).toEqual({ users: 2_500, written: 0, problems: [] });
    expect(await countUsers()).toBe(210);
    expect(await importText(text)).toEqual({ users: 2_500, written: 2_500, problems: [] });
    expect(steps).toEqual([
      'checked 2500 users',
      'wrote 1000 of 2500 users',
      'wrote 2000 of 2500 users',
      'wrote 2500 of 2500 users',
    ]);
    expect(await countUsers()).toBe(2_710);
  });

  it.each([
    ['a name that is taken, in another case', 'Admin,new@example.org,X', 2, 'taken'],
    ['an address that is taken, in another case', 'new.one,ADMIN@EXAMPLE.COM,X', 2, 'taken'],
    ['a name twice', 'new.one,a@example.org,X\nNEW.ONE,b@example.org,X', 3, 'line 2'],
    ['an address twice', 'new.one,a@example.org,X\nnew.two,A@example.org,X', 3, 'line 2'],
    ['a bad name', 'n,a@example.org,X', 2, 'user name'],
    ['a bad address', 'new.one,nothing,X', 2, 'e-mail'],
    ['no display name', 'new.one,a@example.org,', 2, 'display name'],
  ])('an import refuses %s, with the line, and writes nothing', async (_case, lines, line, words) => {
    const before = await countUsers();
    const { problems, written } = await importText(
      `username,email,display_name\nfine.one,fine@example.org,Fine\n${lines}`,
    );
    expect(written).toBe(0);
    expect(problems.map((problem) => problem.line)).toEqual([line + 1]);
    expect(problems[0]?.message).toContain(words === 'line 2' ? 'line 3' : words);
    expect(await countUsers()).toBe(before);
  });

  it('an import refuses unknown roles, accounts and truth values, and reports every bad line', async () => {
    const header = 'username,email,display_name,roles,account,active';
    const { problems } = await importText(
      `${header}\na.1,a@x.org,A,NOPE,,\na.2,b@x.org,B,,nowhere,\na.3,c@x.org,C,,,perhaps`,
    );
    expect(problems.map(({ line }) => line)).toEqual([2, 3, 4]);
  });

  it.each([
    ['an empty file', ''],
    ['only a header', 'username,email,display_name\n'],
    ['a column too few', 'username,email\na.1,a@x.org'],
    ['a column that is none', 'username,email,display_name,password\na.1,a@x.org,A,secret'],
    ['a line with too many cells', 'username,email,display_name\na.1,a@x.org,A,B'],
    ['an open quote', 'username,email,display_name\na.1,a@x.org,"A'],
  ])('an import refuses %s', async (_case, text) => {
    const { problems, written } = await importText(text);
    expect(written).toBe(0);
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe('export', () => {
  it('an export is what import reads, also with formulas of spreadsheets', async () => {
    await importText(
      'username,email,display_name,roles\nformula.one,f@example.org,"=HYPERLINK(""x""), yes",SALES STANDARD',
    );
    const text = await exported();
    expect(text).toContain(`formula.one,f@example.org,"'=HYPERLINK(""x""), yes",SALES STANDARD,,true`);
    const others = text.replaceAll(/^([^,]+),([^,]+),/gm, (_, name: string, email: string) =>
      name === 'username' ? `${name},${email},` : `x-${name},x-${email},`,
    );
    const { problems, users } = await importText(others);
    expect(problems).toEqual([]);
    expect(users).toBe(text.trim().split('\n').length - 1);
    const [row] = await database.run(systemScope, (em) =>
      em.execute<{ name: string }[]>(`select display_name as name from users where username = 'x-formula.one'`),
    );
    expect(row?.name).toBe('=HYPERLINK("x"), yes');
  });
});
