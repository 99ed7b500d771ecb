import { describe, expect, test } from 'vitest';
import { deriveKey } from '../../src/auth/derived-key.ts';
import { createOpaqueToken, hashToken } from '../../src/auth/opaque-token.ts';
import { createRefreshTokens } from '../../src/auth/refresh-token.ts';

const session = '0192f0c4-7a1b-4c3d-8e5f-123456789abc';
const key = deriveKey('the secret of these tests, 32 bytes at least', 'refresh tokens');
const tokens = createRefreshTokens({ key });
const first = tokens.first(session);

describe('refresh tokens', () => {
  test('begin at random, and name their session', () => {
    expect(first).toMatch(new RegExp(`^rg_refresh_${session}_[\\w-]{43}$`));
    expect(tokens.first(session)).not.toBe(first);
    expect(tokens.parse(first)).toEqual({ sessionId: session, hash: hashToken(first) });
  });

  test('have one successor each, in the same session, on every replica', () => {
    const replica = createRefreshTokens({ key });
    expect(replica.successorOf(first)).toBe(tokens.successorOf(first));
    expect(tokens.parse(tokens.successorOf(first))?.sessionId).toBe(session);
    expect(tokens.successorOf(first)).not.toBe(tokens.successorOf(tokens.first(session)));
  });

  test('never come back: a chain of a thousand has no token twice', () => {
    const seen = new Set([first]);
    let token = first;
    while (seen.size < 1000) {
      token = tokens.successorOf(token);
      expect(seen.has(token)).toBe(false);
      seen.add(token);
    }
    expect(tokens.parse(token)?.sessionId).toBe(session);
  });

  test('cannot be told in advance with another key, or from what is stored', () => {
    const stranger = createRefreshTokens({
      key: deriveKey('another secret, also of at least 32 bytes', 'refresh tokens'),
    });
    expect(stranger.successorOf(first)).not.toBe(tokens.successorOf(first));
    expect(tokens.successorOf(first)).not.toContain(hashToken(first));
  });

  test.each([
    ['nothing', ''],
    ['a prefix', 'rg_refresh_'],
    ['an API key', createOpaqueToken('key')],
    ['a token without a session', createOpaqueToken('refresh')],
    ['an access token', 'a.b.c'],
    ['without its secret', first.slice(0, -44)],
    ['cut', first.slice(0, -1)],
    ['continued', `${first}A`],
    ['with a line break', `${first}\n`],
    ['of a session in upper case', first.replace(session, session.toUpperCase())],
    ['of no session', first.replace(session, '-'.repeat(36))],
    ['of an injected session', first.replace(session, "' or 1=1 --")],
    ['spelt with stray bits', `rg_refresh_${session}_${'A'.repeat(42)}B`],
    ['with a NUL', `rg_refresh_${session}_${'\u0000'.repeat(43)}`],
    ['a megabyte', first + 'A'.repeat(2 ** 20)],
  ])('are not: %s', (_, text) => {
    expect(tokens.parse(text)).toBeNull();
    expect(() => tokens.successorOf(text)).toThrow(RangeError);
  });
});
