import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditCommand } from '../../src/cli/audit.ts';
import { DATA_USAGE, dataCommand } from '../../src/cli/data.ts';
import { readConfig } from '../../src/config/config.ts';
import { openEmbedded } from '../../src/database/database.ts';
import { recordEvent } from '../../src/database/events/record.ts';
import { seedBuiltInRoles, seedDemo } from '../../src/database/seed/seed.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { builtInRoles, buildSchema } from '../../src/schema.ts';

let folder: string;
const place = (name: string): string => join(folder, name);

/** Runs a command on the embedded database of this name. */
async function run(name: string, ...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const config = readConfig({ DATA_DIR: place(name), DEMO_DATA: 'false' });
  const code = await dataCommand(args, config, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { code, last: out.at(-1), err };
}

/** Returns the lines of an exported file, in an order of their own. */
const linesOf = (name: string): string[] => readFileSync(place(name), 'utf8').split('\n').sort();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-data-'));
  const now = new Date('2026-01-15T12:00:00.123Z');
  const quiet = { progress: () => undefined };
  const database = await openEmbedded({ dataDir: place('source'), holder: 'a test', now }, quiet);
  await seedBuiltInRoles(database.run, builtInRoles(buildSchema()));
  await seedDemo(database.run, async () => 'a hash', quiet.progress);
  await database.run(systemScope, (em) =>
    recordEvent(em, { actorId: null, address: '192.0.2.1', now }, { action: 'role.created', details: { a: 'ü\n"' } }),
  );
  await database.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

it('export and import move every row to an empty database, with an audit trail that verifies', async () => {
  expect((await run('source', 'export', place('first'))).code).toBe(0);
  const { code, last, err } = await run('target', 'import', place('first'));
  expect([code, err, last]).toEqual([0, [], expect.stringMatching(/^Done: \d{4} rows, each compared with the file/)]);
  expect((await run('target', 'export', place('second'))).code).toBe(0);
  expect(linesOf('second')).toEqual(linesOf('first'));
  const verified = await auditCommand(['verify'], readConfig({ DATA_DIR: place('target'), DEMO_DATA: 'false' }), {
    out: () => undefined,
    err: () => undefined,
    now: () => new Date(),
  });
  expect(verified).toBe(0);
  const again = await run('target', 'import', place('first'));
  expect([again.code, again.err]).toEqual([1, [expect.stringContaining('the database must be empty')]]);
});

it.each([
  ['another file', () => 'users.csv', 'was not written by "npm run data -- export"'],
  ['another release', (text: string) => text.replace(/"migration":"[^"]*"/, '"migration":"0001"'), 'export it again'],
  ['a file without its end', (text: string) => text.replace(/end \d+\n$/, ''), 'is truncated'],
  ['a file without a line', (text: string) => text.replace(/^documents .*\n/m, ''), 'is truncated'],
  [
    'a value that its column does not take',
    (text: string) => text.replace(/"status":"ACTIVE"/, '"status":7}{'),
    'is damaged',
  ],
  ['a row of another user', (text: string) => text.replace(/"user_id":"[^"]*"/, '"user_id":"x"'), 'is damaged'],
  ['a table that does not exist', (text: string) => text.replace(/^documents /m, 'papers '), 'is damaged'],
])('import refuses %s, and writes nothing', async (_, damage, message) => {
  writeFileSync(place('damaged'), damage(readFileSync(place('first'), 'utf8')));
  const { code, err } = await run('empty', 'import', place('damaged'));
  expect([code, err]).toEqual([1, [expect.stringMatching(new RegExp(`${message}.*Nothing was written\\.$`, 's'))]]);
});

it.each<[problem: string, command: string, file: () => string, message: RegExp]>([
  [
    'is there already',
    'export',
    () => place('first'),
    /exists: name another one, or remove it\. Nothing was written\.$/,
  ],
  ['is in no folder', 'export', () => place('none/file'), /cannot be written: there is no such file or folder\.$/],
  ['is a folder', 'export', () => folder, /cannot be written: it is a folder\.$/],
  ['is on a full disk', 'export', () => '/dev/full', /cannot be written: the disk is full\.$/],
  ['does not exist', 'import', () => place('none'), /cannot be read: there is no such file or folder\.$/],
  ['is a folder', 'import', () => folder, /cannot be read: it is a folder\.$/],
])('one sentence says that a file %s: %s', async (_, command, file, message) => {
  const before = readFileSync(place('first'), 'utf8');
  const { code, err } = await run('source', command, file());
  expect([code, err]).toEqual([1, [expect.stringMatching(message)]]);
  expect(readFileSync(place('first'), 'utf8')).toBe(before);
});

it.each([[[]], [['export']], [['import', 'a', 'b']], [['copy', 'a']]])('the arguments %j are refused', async (args) => {
  expect(await run('none', ...args)).toEqual({ code: 2, last: undefined, err: [DATA_USAGE] });
});
