import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createOpaqueToken, hashToken } from '../../../src/auth/tokens/opaque-token.ts';
import { createRefreshTokens } from '../../../src/auth/tokens/refresh-token.ts';

const session = '0192f0c4-7a1b-4c3d-8e5f-123456789abc';
const key = createSecretKey(Buffer.alloc(32, 1));
const tokens = createRefreshTokens([key]);
const stranger = createRefreshTokens([createSecretKey(Buffer.alloc(32, 2))]);
const first = tokens.first(session);

describe('refresh tokens', () => {
  test('a first token is random, and names its session', () => {
    expect(first).toMatch(/^rg_refresh_[\w-]+$/);
    expect(tokens.first(session)).not.toBe(first);
    expect(tokens.read(first)).toEqual({ sessionId: session, hash: hashToken(first) });
  });

  test('a token has one successor, in the same session, on every replica', () => {
    expect(createRefreshTokens([key]).successorOf(first)).toBe(tokens.successorOf(first));
    expect(tokens.read(tokens.successorOf(first))?.sessionId).toBe(session);
    expect(tokens.successorOf(first)).not.toBe(tokens.successorOf(tokens.first(session)));
  });

  test('no token comes back in a chain of a thousand', () => {
    const seen = new Set([first]);
    let token = first;
    while (seen.size < 1000) {
      token = tokens.successorOf(token);
      expect(seen.has(token)).toBe(false);
      seen.add(token);
    }
    expect(tokens.read(token)?.sessionId).toBe(session);
  });

  test('a token of another key is not read, so that a replay cannot be forged', () => {
    expect(tokens.read(stranger.first(session))).toBeNull();
    expect(() => stranger.successorOf(first)).toThrow(TypeError);
  });

  test('a token with any bit changed is not read', () => {
    const prefix = 'rg_refresh_';
    const bytes = Buffer.from(first.slice(prefix.length), 'base64url');
    const changed = Array.from(bytes, (byte, index) => Buffer.from(bytes).fill(byte ^ 1, index, index + 1));
    expect(changed.map((each) => tokens.read(prefix + each.toString('base64url')))).toEqual(changed.map(() => null));
  });

  test.each([
    ['nothing', ''],
    ['a prefix', 'rg_refresh_'],
    ['an API key', createOpaqueToken('key')],
    ['another kind of the same secret', first.replace('rg_refresh_', 'rg_session_')],
    ['an access token', 'a.b.c'],
    ['cut', first.slice(0, -1)],
    ['continued', `${first}A`],
    ['padded', `${first}==`],
    ['with a line break', `${first}\n`],
    ['with a space in front', ` ${first}`],
    ['with a NUL', `rg_refresh_${'\u0000'.repeat(86)}`],
    ['a megabyte', first + 'A'.repeat(2 ** 20)],
  ])('a text is not read as a refresh token: %s', (_, text) => {
    expect(tokens.read(text)).toBeNull();
    expect(() => tokens.successorOf(text)).toThrow(TypeError);
  });
});

describe('a rotation of the secret', () => {
  const old = createSecretKey(Buffer.alloc(32, 1));
  const rotated = createRefreshTokens([createSecretKey(Buffer.alloc(32, 3)), old]);

  test('tokens of the old secret are read, and followed by tokens of the new one, always the same', () => {
    expect(rotated.read(first)).toEqual(tokens.read(first));
    const successor = rotated.successorOf(first);
    expect(rotated.successorOf(first)).toBe(successor);
    expect(tokens.read(successor)).toBeNull();
    expect(rotated.read(successor)?.sessionId).toBe(session);
  });
});
