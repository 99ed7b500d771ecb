import { dictionary } from '@zxcvbn-ts/language-common';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPasswordPolicy } from '../../../src/auth/passwords/policy.ts';

const policy = await createPasswordPolicy({ serviceName: 'Rolegate' });
const alice = { username: 'alice.smith84', email: 'a.smith@gardens.example', displayName: 'Alice Smith' };

function codes(password: string, owner = alice): string[] {
  return policy.problems(password, owner).map(({ code }) => code);
}

function accepted(passwords: readonly string[]): string[] {
  return passwords.filter((password) => codes(password).length === 0);
}

describe('the length', () => {
  test.each([
    ['fourteen characters', 'xkvwmqzrtplbnd', ['TOO_SHORT']],
    ['fifteen characters', 'xkvwmqzrtplbndg', []],
    ['nothing', '', ['TOO_SHORT']],
    ['128 characters', 'kitchen harbour '.repeat(8), []],
    ['129 characters', `${'kitchen harbour '.repeat(8)}x`, ['TOO_LONG']],
    ['a megabyte', 'x'.repeat(2 ** 20), ['TOO_LONG']],
  ])('the length is judged: %s', (_, password, expected) => {
    expect(codes(password)).toEqual(expected);
  });

  test('the length counts code points, not UTF-16 units', () => {
    const animals = ['🦊', '🐻', '🐼', '🦁', '🐯', '🐨', '🐸', '🐵', '🐔', '🐧', '🦆', '🦅', '🦉', '🦇'];
    expect(codes(animals.join(''))).toContain('TOO_SHORT');
    expect(codes([...animals, '🐺'].join(''))).toEqual([]);
    expect(codes('🦊🐻🐼🦁🐯🐨🐸🐵'.repeat(16))).not.toContain('TOO_LONG');
    expect(codes('🦊🐻🐼🦁🐯🐨🐸🐵'.repeat(17))).toEqual(['TOO_LONG']);
  });

  test('a character that normalises to many counts as one', () => {
    expect('ﷺ'.normalize('NFKC')).toHaveLength(18);
    expect(codes('ﷺ')).toContain('TOO_SHORT');
  });

  test('half a character is refused', () => {
    expect(codes('a lantern, a spoon and \ud83e')).toEqual(['ILL_FORMED']);
  });
});

test.each([
  'correct horse battery staple',
  'correcthorsebatterystaple',
  'a-long-enough-password',
  'lantern spoon gravel',
  'wiederkäuer im hochsommer',
  'корова на крыше поёт',
  '十五文字以上の長い合言葉を使います',
  'xkvwmqzrtplbndg',
  '482957103846205',
  'c83a1f0e9b7d4526',
  '"}|{P_+)(*&^%$#@!',
])('a password needs no mixture of kinds of characters: %s may be chosen', (password) => {
  expect(codes(password)).toEqual([]);
});

describe('the 3,000 commonest', () => {
  const common = dictionary['passwords-common'].slice(0, 3000);

  const first = common.slice(0, 300);

  test('the 3,000 commonest passwords are refused', () => {
    expect(common).toHaveLength(3000);
    expect(accepted(common)).toEqual([]);
  });

  test.each<[string, (word: string) => string]>([
    ['repeated', (word) => word.repeat(Math.ceil(15 / word.length))],
    ['repeated up to fifteen characters', (word) => word.padEnd(15, word)],
    ['repeated with separators', (word) => Array.from({ length: 5 }, () => word).join('-')],
    ['repeated in upper case', (word) => word.repeat(4).toUpperCase()],
    ['reversed and repeated', (word) => Array.from(word).toReversed().join('').repeat(4)],
    ['with digits in front', (word) => `1234567890123${word}`.slice(-Math.max(15, word.length + 1))],
    ['with marks behind', (word) => word.padEnd(15, '!')],
  ])('common passwords are refused %s', (_, disguise) => {
    expect(accepted(first.map(disguise))).toEqual([]);
  });

  test.each<[string, (word: string) => string, number]>([
    ['with digits behind', (word) => word.padEnd(15, '1234567890123'), 0.98],
    [
      'with a capital, digits and marks',
      (word) => `${word.charAt(0).toUpperCase()}${word.slice(1).padEnd(14, '123456789')}!`,
      0.98,
    ],
    ['twice with a year', (word) => `${word}2024${word}`.padEnd(15, '!'), 0.99],
    ['in leetspeak, twice', (word) => leet(word).padEnd(15, leet(word)), 0.95],
    ['in leetspeak with digits', (word) => leet(word).padEnd(15, '1234567890'), 0.9],
    ['with a date', (word) => `${word.padEnd(7, '!')}19870504`, 0.9],
    ['two of them', (word) => `${word}${word.length < 7 ? 'monkey' : 'dragon'}`.padEnd(15, '123'), 0.9],
  ])('common passwords are mostly refused %s', (_, disguise, share) => {
    const passwords = first.map(disguise);
    expect(accepted(passwords).length / passwords.length).toBeLessThan(1 - share);
  });

  test.each([
    'passwordpassword',
    'password1234567',
    'Password123456!',
    'P@ssw0rdP@ssw0rd',
    'p4ssw0rd!!!!!!!!',
    '123456789012345',
    '098765432109876',
    'qwertyuiopasdfg',
    'QWERTYqwertyQWERTY',
    '1q2w3e4r5t6y7u8i',
    '!qaz@wsx#edc$rfv',
    'abcdefghijklmnop',
    'aaaaaaaaaaaaaaa',
    'abababababababab',
    '               ',
    'iloveyouiloveyou',
    'letmein-letmein',
    'monkeydragon2024',
    'ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ',
  ])('patterns are refused: %j', (password) => {
    expect(codes(password)).toEqual(['COMMON']);
  });
});

function leet(word: string): string {
  return word.replaceAll('a', '4').replaceAll('e', '3').replaceAll('i', '1').replaceAll('o', '0').replaceAll('s', '$');
}

describe('the names of the user', () => {
  test.each([
    'alicealicealice',
    'Alice Smith 1999',
    'alice.smith.2024',
    'AliceSmith2024!!',
    'smith+alice+smith',
    'alice.smith84 alice.smith84',
    'a.smith@gardens.example',
    'gardensgardens1',
    'gardens-password-1',
    '4lic3sm1th123456',
    'htimsecilahtims',
    'ALICEsmithALICE!',
    'alicepassword12',
    'rolegaterolegate',
    'R0legate-R0legate',
    'rolegate-password',
    'Rolegate1234567!',
  ])('a password made of the names of the user is refused: %s', (password) => {
    expect(codes(password)).toEqual(['PERSONAL']);
  });

  test('names may be a part of a long password', () => {
    expect(codes('alice counts purple gravel')).toEqual([]);
  });

  test('the names of another user may be chosen', () => {
    expect(codes('Wojciechowska 1984')).toEqual([]);
    const owner = { ...alice, displayName: 'Anna Wojciechowska' };
    expect(codes('Wojciechowska 1984', owner)).toEqual(['PERSONAL']);
  });

  test('names are found with and without accents', () => {
    const owner = { ...alice, displayName: 'Zoë Müllensiefen' };
    expect(codes('zoemullensiefen', owner)).toEqual(['PERSONAL']);
    expect(codes('Zoë.Müllensiefen', owner)).toEqual(['PERSONAL']);
    expect(codes('Zoë.Müllensiefen'.normalize('NFD'), owner)).toEqual(['PERSONAL']);
  });

  test('names may be unknown', () => {
    expect(policy.problems('lantern spoon gravel', {})).toEqual([]);
    expect(policy.problems('lantern spoon gravel', { username: null, email: '', displayName: '🦊' })).toEqual([]);
    expect(policy.problems('lantern spoon gravel', { email: 'no address' })).toEqual([]);
  });
});

test('every problem says what to do', () => {
  const passwords = ['short', 'x'.repeat(200), 'passwordpassword', 'alicealicealice', 'lantern spoon \udc00 gravel'];
  const messages = passwords.flatMap((password) => policy.problems(password, alice).map(({ message }) => message));
  expect(messages.join('\n')).toMatchInlineSnapshot(`
    "Use at least 15 characters; a few words that do not belong together are easy to remember.
    This is one of the most common passwords, or built from them or from a pattern, and easy to guess. Add words that do not belong together.
    Use at most 128 characters.
    This is one of the most common passwords, or built from them or from a pattern, and easy to guess. Add words that do not belong together.
    This is built from your name, your address or the name of this service, and easy to guess. Use words that have nothing to do with you.
    Remove the characters that are not valid Unicode: they cannot be stored."
  `);
});

test('no text makes the policy throw, and its answer repeats nothing of the password', () => {
  const text = fc.string({ unit: 'binary', maxLength: 140 });
  const property = fc.property(text, text, (password, name) => {
    const problems = policy.problems(password, { username: name, email: `${name}@${name}.example`, displayName: name });
    return problems.every(({ message }) => password.length < 6 || !message.includes(password));
  });
  expect(() => fc.assert(property, { numRuns: 200 })).not.toThrow();
});
