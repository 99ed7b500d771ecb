import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import {
  createAccessTokens,
  type AccessClaims,
  type AccessTokenOptions,
} from '../../../src/auth/tokens/access-token.ts';
import { InvalidTokenError } from '../../../src/lib/errors.ts';
import { forge, honestClaims, honestToken, USER } from '../../support/forged-tokens.ts';
import { hostileTokens } from '../../support/hostile-tokens.ts';

const NOW = new Date('2026-03-01T12:00:00.750Z');
const secret = 'the secret of these tests, 32 bytes at least';
const issuer = 'https://rolegate.example';
const audience = 'rolegate-api';
const trusted = { secret, issuer, audience, now: NOW };
const viewer = {
  sub: USER,
  sid: '11111111-2222-4333-8444-555555555555',
  roles: ['ADMIN', 'regional-editor'],
  permissions: ['accounts:read'],
  account: '99999999-2222-4333-8444-555555555555',
};

function build(change: Partial<AccessTokenOptions> = {}) {
  return createAccessTokens({ secrets: [secret], issuer, audience, minutes: 15, now: () => NOW, ...change });
}

function at(seconds: number): () => Date {
  return () => new Date(NOW.getTime() + seconds * 1000);
}

/** Returns the claims of a token; null if it is refused. */
function read(token: string): AccessClaims | null {
  try {
    return build().verify(token);
  } catch (error) {
    if (error instanceof InvalidTokenError) {
      return null;
    }
    throw error;
  }
}

function expectRefused(tokens: fc.Arbitrary<string>): void {
  const property = fc.property(tokens, (token) => read(token) === null);
  expect(() => fc.assert(property, { numRuns: 2000 })).not.toThrow();
}

describe('an issued token', () => {
  test('a token names its user, session and expiry', () => {
    const { token, expiresAt, jti } = build().issue(viewer);
    const iat = Math.floor(NOW.getTime() / 1000);
    expect(build().verify(token)).toEqual({ iss: issuer, aud: audience, jti, iat, exp: iat + 900, ...viewer });
    expect(expiresAt).toEqual(new Date('2026-03-01T12:15:00Z'));
  });

  test('a token has the header of an access token and nothing else', () => {
    const { token } = build().issue(viewer);
    expect(jwt.decode(token, { complete: true })?.header).toEqual({ alg: 'HS256', typ: 'at+jwt' });
  });

  test('each token has an id of its own', () => {
    const tokens = build();
    const ids = Array.from({ length: 100 }, () => tokens.issue(viewer).jti);
    expect(new Set(ids).size).toBe(100);
  });

  test('a token is valid until the second it expires in', () => {
    const { token } = build().issue(viewer);
    expect(build({ now: at(899) }).verify(token).sub).toBe(USER);
    expect(() => build({ now: at(900) }).verify(token)).toThrow(InvalidTokenError);
  });

  test('a replica accepts a token whose clock is five seconds behind, and no more', () => {
    const { token } = build().issue(viewer);
    expect(build({ now: at(-5) }).verify(token).sub).toBe(USER);
    expect(() => build({ now: at(-6) }).verify(token)).toThrow('future');
  });

  test('no token is issued that would not be accepted', () => {
    const roles = Array.from({ length: 1000 }, (_, index) => `a-role-of-our-own-${index}`);
    expect(() => build().issue({ ...viewer, roles })).toThrow(RangeError);
  });
});

describe('the secrets', () => {
  const next = 'the secret that comes next, 32 bytes at least';

  test('the first secret signs, and all of them verify', () => {
    const { token } = build().issue(viewer);
    expect(build({ secrets: [next, secret] }).verify(token).sub).toBe(USER);
    expect(() => build({ secrets: [next] }).verify(token)).toThrow('None of the configured keys');
    const { token: newer } = build({ secrets: [next, secret] }).issue(viewer);
    expect(() => build().verify(newer)).toThrow(InvalidTokenError);
  });

  test('an expired token of an old secret is expired, not unknown', () => {
    const { token } = build().issue(viewer);
    expect(() => build({ secrets: [next, secret], now: at(3600) }).verify(token)).toThrow('expired');
  });

  test('a secret is bytes or text of at least 32 bytes', () => {
    const secrets = [randomBytes(32)] as const;
    expect(build({ secrets }).verify(build({ secrets }).issue(viewer).token).sub).toBe(USER);
    expect(() => build({ secrets: ['31 bytes are one byte too few..'] })).toThrow(RangeError);
    expect(() => build({ secrets: [secret, 'short'] })).toThrow(RangeError);
    expect(() => build({ secrets: [''] })).toThrow(RangeError);
  });
});

describe('a token from elsewhere', () => {
  test('a token from elsewhere that is like ours is accepted', () => {
    expect(build().verify(honestToken(trusted)).sub).toBe(USER);
  });

  test.each(['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt'])('a token may name its type %s', (typ) => {
    expect(build().verify(forge({ alg: 'HS256', typ }, honestClaims(trusted), secret)).sub).toBe(USER);
  });

  test('a token may come from jsonwebtoken, without the account', () => {
    const { account: _, ...claims } = honestClaims(trusted);
    expect(build().verify(jwt.sign(claims, secret)).account).toBeNull();
  });

  test('a token with unknown claims is accepted: a newer release may issue them', () => {
    expect(
      build().verify(forge({ alg: 'HS256', typ: 'JWT' }, { ...honestClaims(trusted), tenant: 1 }, secret)).sub,
    ).toBe(USER);
  });

  test.each(['issuer', 'audience'] as const)('a verifier needs an %s to compare with', (name) => {
    expect(() => build({ [name]: '' })).toThrow(RangeError);
  });
});

describe('a hostile token is refused', () => {
  const tokens = hostileTokens(trusted);

  test('more than 150 different hostile tokens are tried', () => {
    expect(tokens.length).toBeGreaterThan(150);
    expect(new Set(tokens.map(({ name }) => name)).size).toBe(tokens.length);
  });

  test.each(tokens)('a token is refused: $name', ({ token }) => {
    expect(() => build().verify(token)).toThrow(InvalidTokenError);
  });

  // These do not fit into a header of HTTP.
  test.each(['', ' ', '\n', '\u0000', `${honestToken(trusted)}\n`, ` ${honestToken(trusted)}`, 'ä.ö.ü'])(
    'a text is refused: %j',
    (token) => {
      expect(() => build().verify(token)).toThrow(InvalidTokenError);
    },
  );

  test('the error repeats nothing of the token', () => {
    const leaks = tokens.filter(({ token }) => {
      try {
        build().verify(token);
        return true;
      } catch (error) {
        return !(error instanceof Error) || (token.length > 8 && error.message.includes(token.slice(0, 12)));
      }
    });
    expect(leaks).toEqual([]);
  });
});

describe('any other text causes an InvalidTokenError and no other error', () => {
  const ourHeaders = fc.constantFrom({ alg: 'HS256', typ: 'JWT' }, { alg: 'HS256', typ: 'at+jwt' });

  // oxlint-disable vitest/expect-expect -- they end in expectRefused
  test('a text causes an InvalidTokenError', () => {
    expectRefused(fc.string({ unit: 'binary', maxLength: 300 }));
  });

  test('a valid token with one character changed causes an InvalidTokenError', () => {
    const good = honestToken(trusted);
    const changes = fc.tuple(fc.nat({ max: good.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }));
    const changed = changes.map(([at, character]) => good.slice(0, at) + character + good.slice(at + 1));
    expectRefused(changed.filter((token) => token !== good));
  });

  test('any JSON signed with our secret causes an InvalidTokenError', () => {
    const parts = fc.tuple(ourHeaders, fc.json({ maxDepth: 3 }));
    expectRefused(parts.map(([header, payload]) => forge(header, payload, secret)));
  });

  test('any header over honest claims causes an InvalidTokenError', () => {
    expectRefused(fc.json({ maxDepth: 2 }).map((header) => forge(header, honestClaims(trusted), secret)));
  });
  // oxlint-enable vitest/expect-expect

  test('any value of one claim is refused, or returned as verified', () => {
    const names = fc.constantFrom('iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'nbf', 'roles', 'account');
    const property = fc.property(ourHeaders, names, fc.jsonValue({ maxDepth: 2 }), (header, name, value) => {
      const token = forge(header, { ...honestClaims(trusted), [name]: value }, secret);
      const claims = read(token);
      return (
        claims === null ||
        name === 'nbf' ||
        isDeepStrictEqual(
          Object.entries(claims).find(([key]) => key === name),
          [name, value],
        )
      );
    });
    expect(() => fc.assert(property, { numRuns: 3000 })).not.toThrow();
  });
});

test('a token that was verified before is refused when it is not valid yet, or has expired', () => {
  let seconds = 0;
  const tokens = build({ now: () => at(seconds)() });
  const { token } = tokens.issue(viewer);
  const outcomes = [0, 899, 900, 10, -6, 0].map((moment) => {
    seconds = moment;
    try {
      return tokens.verify(token).sub;
    } catch (error) {
      return error instanceof InvalidTokenError ? 'refused' : 'failed';
    }
  });
  expect(outcomes).toEqual([USER, USER, 'refused', USER, 'refused', USER]);
  expect(() => tokens.verify(`${token}=`)).toThrow(InvalidTokenError);
});

test('tokens beyond the size of the cache are still verified correctly', () => {
  const tokens = build();
  const issued = Array.from({ length: 5_050 }, (_, index) => tokens.issue({ ...viewer, roles: [`role ${index}`] }));
  for (const turn of [0, 1]) {
    const roles = issued.slice(turn * 100, 5_050).map(({ token }) => tokens.verify(token).roles[0]);
    expect(roles[0]).toBe(`role ${turn * 100}`);
    expect(new Set(roles).size).toBe(roles.length);
  }
});
