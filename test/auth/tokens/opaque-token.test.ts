import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOpaqueToken, hashToken, isOpaqueToken, type TokenKind } from '../../../src/auth/tokens/opaque-token.ts';

const kinds: readonly TokenKind[] = ['key', 'reset', 'session'];
const token = `rg_key_${Buffer.alloc(32, 0xa5).toString('base64url')}`;

describe('a token', () => {
  test.each(kinds)('a token of kind %s has its prefix, and 256 random bits', (kind) => {
    const tokens = Array.from({ length: 1000 }, () => createOpaqueToken(kind));
    expect(tokens.every((each) => new RegExp(`^rg_${kind}_[\\w-]{43}$`).test(each))).toBe(true);
    expect(new Set(tokens).size).toBe(1000);
  });

  test('a token is of one kind only', () => {
    const recognised = kinds.map((made) => kinds.filter((kind) => isOpaqueToken(kind, createOpaqueToken(made))));
    expect(recognised).toEqual(kinds.map((kind) => [kind]));
  });

  test.each([
    ['nothing', ''],
    ['the prefix', 'rg_key_'],
    ['a character less', token.slice(0, -1)],
    ['a character more', `${token}A`],
    ['padding', `${token}=`],
    ['a line break', `${token}\n`],
    ['a space in front', ` ${token}`],
    ['another case', token.toUpperCase()],
    ['stray bits: the same 32 bytes spelt differently', `${token.slice(0, -1)}V`],
    ["base64's own characters", token.replace('p', '+')],
    ['the bytes of a longer one', `rg_key_${Buffer.alloc(33).toString('base64url')}`],
    ['a megabyte', `rg_key_${'A'.repeat(2 ** 20)}`],
    ['a JSON Web Token', 'eyJhbGciOiJIUzI1NiJ9.e30.AAAA'],
    ['what would reach the database', `rg_key_${'\u0000'.repeat(43)}`],
  ])('a text is not taken for a token: %s', (_, text) => {
    expect(isOpaqueToken('key', token)).toBe(true);
    expect(isOpaqueToken('key', text)).toBe(false);
  });

  test('no random text is taken for a token', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), (text) => !isOpaqueToken('key', `rg_key_${text}`));
    expect(() => fc.assert(property, { numRuns: 1000 })).not.toThrow();
  });

  test('a token is stored as its SHA-256', () => {
    expect(hashToken('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
    expect(hashToken(token)).toHaveLength(43);
  });
});
