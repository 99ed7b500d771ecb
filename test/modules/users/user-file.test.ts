import * as fc from 'fast-check';
import { GraphQLEmailAddress } from 'graphql-scalars';
import { describe, expect, it } from 'vitest';
import { isEmail, requireDisplayName } from '../../../src/lib/names.ts';
import { formatUserLines, parseUserFile, USER_COLUMNS } from '../../../src/modules/users/user-file.ts';

const HEADER = 'username,email,display_name';
const MÜLLER = `${HEADER}\nmueller,m@example.org,Müller`;

/** The problems of a file, as `line: message`. */
const problemsOf = (file: string | Buffer): string[] =>
  parseUserFile(Buffer.from(file)).problems.map(({ line, message }) => `${line}: ${message}`);

const displayNamesOf = (file: Buffer): unknown[] =>
  parseUserFile(file).lines.map(({ cells }) => cells.get('display_name'));

const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Texts of what makes cells difficult, among others. */
const hardText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '=',
        '+',
        '-',
        '@',
        '＝',
        '＋',
        '－',
        '＠',
        '\t',
        '"',
        ',',
        ';',
        '\n',
        '\r',
        ' ',
        '\u00A0',
        '1',
      ),
      fc.constantFrom('é', 'e\u0301', '\uFEFF', '\uFFFD', '😀', '\u200B', 'ß'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** Names in the form in which the API stores them. */
const storedName = hardText.map((text) => {
  try {
    return requireDisplayName(text);
  } catch {
    return null;
  }
});

function isAccepted(text: string): boolean {
  try {
    return GraphQLEmailAddress.parseValue(text) === text;
  } catch {
    return false;
  }
}

describe('the encoding of a file of users', () => {
  it.each([
    ['UTF-8', Buffer.from(MÜLLER)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${MÜLLER}`)],
    ['UTF-16LE with a byte order mark', Buffer.from(`\uFEFF${MÜLLER}`, 'utf16le')],
    ['UTF-16BE with a byte order mark', bigEndian(`\uFEFF${MÜLLER}`)],
    ['line ends of Windows', Buffer.from(MÜLLER.replaceAll('\n', '\r\n'))],
  ])('a file in %s is read', (_case, file) => {
    expect(displayNamesOf(file)).toEqual(['Müller']);
  });

  it.each([
    ['Latin-1', Buffer.from(MÜLLER, 'latin1'), /^2: byte 52 of the file \(0xFC\) is not UTF-8.*Windows-1252.*iconv/],
    [
      'Latin-1 after U+FFFD',
      Buffer.concat([Buffer.from(`${HEADER}\na,b,\uFFFD\uFFFD\r\n`), Buffer.from([0xe9])]),
      /^3: byte 41 .*0xE9/,
    ],
    ['a truncated character', Buffer.from(MÜLLER).subarray(0, 53).subarray(0, 52), /^2: byte 52 /],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from(`${HEADER}\n`), Buffer.from([0xed, 0xa0, 0x80])]),
      /^2: byte 29 /,
    ],
    ['UTF-16LE without a mark', Buffer.from(MÜLLER, 'utf16le'), /^1: .*NUL.*UTF-16 without a byte order mark/],
    ['UTF-16BE without a mark', bigEndian(MÜLLER), /^1: .*NUL/],
    ['UTF-32', Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from('a\0\0\0')]), /^1: .*NUL/],
    ['UTF-16 of an odd length', Buffer.from(`\uFEFF${MÜLLER}`, 'utf16le').subarray(0, -1), /^2: .*UTF-16LE.*damaged/],
  ])('a file in %s is refused, with the place', (_case, file, expected) => {
    expect(problemsOf(file)).toEqual([expect.stringMatching(expected)]);
  });
});

describe('the header of a file of users', () => {
  it.each([
    ['nothing', '', /^1: the file is empty; name the columns in the first line: username,email/],
    ['blank lines', '\n\n', /the file is empty/],
    ['no users', `${HEADER}\n`, /^1: after the header the file has no lines: it names no user$/],
    ['no users and no line end', HEADER, /it names no user$/],
    ['a column twice', `${HEADER},email\na,b@x.org,C,d@x.org`, /^1: email occurs twice; /],
    ['an unknown column', `${HEADER},password\na,b@x.org,C,d`, /^1: "password" is unknown; /],
    ['a column in another case', 'username,Email,display_name\na,b,c', /email is missing; "Email" is unknown/],
    ['a column without a name', `${HEADER},\na,b,c,d`, /"" is unknown/],
    ['semicolons', 'username;email;display_name\na;b@x.org;C', /^1: the columns are not separated by commas; /],
    ['tabs', 'username\temail\tdisplay_name\na\tb@x.org\tC', /not separated by commas/],
  ])('a header with %s is refused', (_case, file, expected) => {
    expect(problemsOf(file)).toEqual([expect.stringMatching(expected)]);
  });

  it('the number of cells of every line is compared with the header', () => {
    expect(problemsOf(`${HEADER}\na,b\nc,d,e\nf,g,h,i`)).toEqual([
      expect.stringMatching(/^2: the line has 2 cells and the header 3/),
      expect.stringMatching(/^4: the line has 4 cells and the header 3/),
    ]);
  });
});

describe('export and import', () => {
  it('export and import are inverse for every name that the API stores', () => {
    const cell = storedName.filter((name) => name !== null);
    const user = fc.record(Object.fromEntries(USER_COLUMNS.map((column) => [column, cell] as const)));
    fc.assert(
      fc.property(fc.array(user, { minLength: 1, maxLength: 4 }), (users) => {
        const rows = users.map((cells) => Object.fromEntries(USER_COLUMNS.map((name) => [name, cells[name] ?? ''])));
        const file = `${USER_COLUMNS.join(',')}\n${formatUserLines(rows as never)}`;
        const { lines, problems } = parseUserFile(Buffer.from(file));
        expect(problems).toEqual([]);
        expect(lines.map(({ cells }) => Object.fromEntries(cells))).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['=x', "'=x", "''=x", "'x", '＋1', "'＋1", '@', '-1', '\t=x', ' x ', 'a\nb', 'a\r\nb', '"', "'", '=1,2'])(
    '%j is kept, and no spreadsheet reads it as a formula',
    (text) => {
      const line = formatUserLines([
        { username: text, email: 'a', display_name: 'b', roles: null, account: null, active: null },
      ]);
      expect(line).not.toMatch(/^"?[=+\-@\t\r＝＋－＠]/);
      const { lines } = parseUserFile(Buffer.from(`${USER_COLUMNS.join(',')}\n${line}`));
      expect(lines[0]?.cells.get('username')).toBe(text);
    },
  );

  it('import and API agree about e-mail addresses', () => {
    const part = fc.oneof(
      fc.constantFrom('a', '-', '.', '..', '@', 'ſ', 'K', '_', "'", '=', '+', 'ü', ' ', '\n'),
      fc.string(),
    );
    const address = fc
      .tuple(fc.array(part), fc.array(part))
      .map(([local, host]) => `${local.join('')}@${host.join('')}`);
    for (const text of [
      'a@localhost',
      'a..b@x.org',
      '.a@x',
      "'=x@y.org",
      'a@b_c',
      'a@-b',
      `a@${'b'.repeat(64)}.org`,
      'A@B\n',
    ]) {
      expect(isEmail(text), text).toBe(isAccepted(text));
    }
    fc.assert(fc.property(fc.oneof(address, fc.emailAddress()), (text) => isEmail(text) === isAccepted(text)));
  });
});
