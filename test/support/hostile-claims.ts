import {
  type Claims,
  forge,
  HEADER,
  honestClaims,
  type HostileTokenOptions,
  named,
  type NamedToken,
  SESSION,
  USER,
} from './forged-tokens.ts';

/** Tokens whose claims differ from honest ones as given; `undefined` leaves a claim out. */
function withClaims(
  options: HostileTokenOptions,
  prefix: string,
  changes: Record<string, Claims | string>,
): NamedToken[] {
  const honest = honestClaims(options);
  const build = (change: Claims | string): string =>
    // A string goes in front of the closing brace: what JSON.stringify cannot write (1e999), or a second value.
    typeof change === 'string'
      ? `${JSON.stringify(honest).slice(0, -1)},${change}}`
      : JSON.stringify({ ...honest, ...change });
  const tokens = Object.entries(changes).map(([name, change]) => [name, forge(HEADER, build(change), options.secret)]);
  return named(prefix, Object.fromEntries(tokens));
}

export function badTimes(options: HostileTokenOptions): NamedToken[] {
  const now = Math.floor(options.now.getTime() / 1000);
  return withClaims(options, 'time', {
    'expired an hour ago': { iat: now - 7200, exp: now - 3600 },
    'expires in this very second': { iat: now - 60, exp: now },
    'exp missing': { exp: undefined },
    'exp null': { exp: null },
    'exp a string': { exp: String(now + 300) },
    'exp an infinity': '"exp":1e999',
    'exp in ten years': { exp: now + 10 * 365 * 86_400 },
    'exp in two days': { exp: now + 2 * 86_400 },
    'exp in milliseconds': { exp: (now + 300) * 1000 },
    'exp beyond integers': { exp: 2 ** 60 },
    'exp negative': { exp: -1 },
    'exp zero': { exp: 0 },
    'exp a list': { exp: [now + 300] },
    'exp true': { exp: true },
    'exp a fraction': { exp: now + 300.5 },
    'iat missing': { iat: undefined },
    'iat in an hour': { iat: now + 3600, exp: now + 3900 },
    'iat in a minute': { iat: now + 60 },
    'iat a string': { iat: String(now) },
    'iat an infinity': '"iat":1e999',
    'iat of 1970': { iat: 1 },
    'nbf in an hour': { nbf: now + 3600 },
    'nbf a string': { nbf: String(now - 10) },
    'nbf null': { nbf: null },
    'nbf an infinity': '"nbf":1e999',
  });
}

export function badNames(options: HostileTokenOptions): NamedToken[] {
  const { issuer, audience } = options;
  return withClaims(options, 'for whom', {
    'iss missing': { iss: undefined },
    'iss null': { iss: null },
    'iss empty': { iss: '' },
    'the iss of another issuer': { iss: 'https://attacker.example' },
    'iss with a slash more': { iss: `${issuer}/` },
    'iss in upper case': { iss: `${issuer.toUpperCase()}X` },
    'iss a list': { iss: [issuer] },
    'aud missing': { aud: undefined },
    'aud null': { aud: null },
    'aud empty': { aud: '' },
    'the aud of another service': { aud: 'another-service' },
    'aud a prefix': { aud: audience.slice(0, -1) },
    'aud a list without ours': { aud: ['another-service'] },
    'aud an empty list': { aud: [] },
    'aud an object': { aud: { [audience]: true } },
  });
}

export function badSubjects(options: HostileTokenOptions): NamedToken[] {
  return withClaims(options, 'who', {
    'sub missing': { sub: undefined },
    'sub empty': { sub: '' },
    'sub null': { sub: null },
    'sub a number': { sub: 1 },
    'sub a list': { sub: [USER] },
    'sub no UUID': { sub: 'admin' },
    'sub in upper case': { sub: USER.toUpperCase() },
    'sub in braces': { sub: `{${USER}}` },
    'sub an injection': { sub: `${USER}' or '1'='1` },
    'sub an object': { sub: { $ne: null } },
    'sub with a NUL': { sub: `${USER}\u0000` },
    'sub with a line break': { sub: `${USER}\nlevel=info` },
    'sub of 5,000 characters': { sub: 's'.repeat(5000) },
    'sid missing': { sid: undefined },
    'sid empty': { sid: '' },
    'sid null': { sid: null },
    'sid a number': { sid: 7 },
    'sid no UUID': { sid: 'session-1' },
    'sid an injection': { sid: `${SESSION}' or '1'='1` },
    'jti missing': { jti: undefined },
    'jti empty': { jti: '' },
    'jti a list': { jti: ['token-1'] },
    'roles missing': { roles: undefined },
    'roles null': { roles: null },
    'roles a string': { roles: 'ADMIN' },
    'roles an object': { roles: { 0: 'ADMIN', length: 1 } },
    'roles of numbers': { roles: [1] },
    'roles nested': { roles: [['ADMIN']] },
    'roles with null': { roles: ['ADMIN', null] },
    'account a number': { account: 5 },
    'account an object': { account: {} },
    'account no UUID': { account: 'acme' },
  });
}
