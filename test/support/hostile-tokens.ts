import { createHmac, generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto';

type Claims = Record<string, unknown>;

/** The material of hostile tokens: the secrets that the server trusts, and the claims of a token that it would accept. */
export type HostileTokenOptions = {
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
  /** Claims of a live session, so that nothing but the attack is wrong with the token. */
  readonly claims?: Claims;
};

export type NamedToken = { readonly name: string; readonly token: string };

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token of any header and payload (a string stands as it is), signed with HMAC whatever its header says. */
export function forge(header: unknown, payload: unknown, secret: string | Buffer, hash = 'sha256'): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

/** Ids that belong to no user, for tests without a live session. */
export const USER = '5f0c7a1e-2b3d-4c5e-8f90-a1b2c3d4e5f6';
const SESSION = '0192f0c4-7a1b-4c3d-8e5f-123456789abc';
const OTHER_USER = 'c0ffee00-2b3d-4c5e-8f90-a1b2c3d4e5f6';

const HEADER = { alg: 'HS256', typ: 'at+jwt' };

/** The claims of a token that the server accepts, as far as it can be told without a database. */
export function honestClaims({ issuer, audience, now, claims }: HostileTokenOptions): Claims {
  const iat = Math.floor(now.getTime() / 1000);
  const subject = { sub: USER, sid: SESSION, roles: ['ADMIN'], permissions: [], account: null, ...claims };
  return { iss: issuer, aud: audience, jti: 'token-1', iat, exp: iat + 300, ...subject };
}

/** A token that the server accepts: the control, without which a refusal proves nothing. */
export function honestToken(options: HostileTokenOptions): string {
  return forge(HEADER, honestClaims(options), options.secret);
}

/**
 * Tokens of which each is to be refused with a 401. Every one fits into an `Authorization` header, and differs from
 * {@link honestToken} in what its name says only.
 */
export function hostileTokens(options: HostileTokenOptions): NamedToken[] {
  return [
    ...badAlgorithms(options),
    ...badKeys(options),
    ...badHeaders(options),
    ...badShapes(options),
    ...badSpellings(options),
    ...badPayloads(options),
    ...badTimes(options),
    ...badNames(options),
    ...badSubjects(options),
  ];
}

function named(prefix: string, tokens: Record<string, string>): NamedToken[] {
  return Object.entries(tokens).map(([name, token]) => ({ name: `${prefix}: ${name}`, token }));
}

function badAlgorithms(options: HostileTokenOptions): NamedToken[] {
  const claims = encode(honestClaims(options));
  const signature = honestToken(options).split('.')[2] ?? '';
  const none = ['none', 'None', 'NONE', 'nOnE', 'none ', 'no\u200bne', '', null, false, 0, ['none'], {}];
  const other = ['hs256', 'HS256 ', 'HS384', 'HS512', 'RS256', 'ES256', 'PS256', 'EdDSA', ['HS256']];
  const header = (alg: unknown): string => encode({ ...HEADER, alg });
  return [
    ...none.flatMap((alg) => [
      { name: `alg ${JSON.stringify(alg)}, unsigned`, token: `${header(alg)}.${claims}.` },
      { name: `alg ${JSON.stringify(alg)}, a signature of HS256`, token: `${header(alg)}.${claims}.${signature}` },
    ]),
    ...other.map((alg) => ({
      name: `alg ${JSON.stringify(alg)}, signed with HS256`,
      token: forge({ ...HEADER, alg }, honestClaims(options), options.secret),
    })),
    ...named('alg', {
      missing: forge({ typ: HEADER.typ }, honestClaims(options), options.secret),
      'HS256, unsigned': `${header('HS256')}.${claims}.`,
      'HS384 with the right secret': forge(
        { ...HEADER, alg: 'HS384' },
        honestClaims(options),
        options.secret,
        'sha384',
      ),
      'HS512 with the right secret': forge(
        { ...HEADER, alg: 'HS512' },
        honestClaims(options),
        options.secret,
        'sha512',
      ),
      'named twice, none first': forge(
        `{"alg":"none","alg":"HS256","typ":"none"}`,
        honestClaims(options),
        options.secret,
      ),
    }),
  ];
}

function badKeys(options: HostileTokenOptions): NamedToken[] {
  const claims = honestClaims(options);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519').privateKey;
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return named('key', {
    'the secret of another server': forge(HEADER, claims, 'another secret of at least thirty-two bytes'),
    'an empty secret': forge(HEADER, claims, ''),
    'a zero byte': forge(HEADER, claims, Buffer.from([0])),
    'the word secret': forge(HEADER, claims, 'secret'),
    'the secret in upper case': forge(HEADER, claims, options.secret.toUpperCase() + options.secret.toLowerCase()),
    'the secret read as base64': forge(HEADER, claims, Buffer.from(options.secret, 'base64')),
    'a public key in PEM as the secret': forge(HEADER, claims, pem),
    'a real ES256 signature': signed({ ...HEADER, alg: 'ES256' }, claims, privateKey, 'sha256'),
    'a real EdDSA signature': signed({ ...HEADER, alg: 'EdDSA' }, claims, ed, null),
  });
}

function signed(header: unknown, payload: unknown, key: KeyObject, hash: string | null): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const signature = signWith(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function badHeaders(options: HostileTokenOptions): NamedToken[] {
  const claims = honestClaims(options);
  const ownKey = 'a key that the attacker chose, long enough';
  const jwk = { kty: 'oct', k: encode(ownKey), alg: 'HS256' };
  const own = (extra: Claims): string => forge({ ...HEADER, ...extra }, claims, ownKey);
  const right = (extra: Claims): string => forge({ ...HEADER, ...extra }, claims, options.secret);
  return named('header', {
    'jwk with the key it is signed with': own({ jwk }),
    'jwk of a private kind': own({ jwk: { ...jwk, d: 'x' } }),
    'jku of the attacker': own({ jku: 'https://attacker.example/jwks.json', kid: '1' }),
    'x5u of the attacker': own({ x5u: 'https://attacker.example/cert.pem' }),
    'x5c of the attacker': own({ x5c: [encode('a certificate')] }),
    'kid is /dev/null': forge({ ...HEADER, kid: '../../../../../../dev/null' }, claims, ''),
    'kid is an SQL injection': own({ kid: `' UNION SELECT '${ownKey}' -- ` }),
    'kid is a command': own({ kid: '| sleep 10' }),
    'kid is __proto__': own({ kid: '__proto__' }),
    'kid is an object': right({ kid: { $gt: '' } }),
    'kid of 4,000 characters': right({ kid: 'k'.repeat(4000) }),
    'unknown crit': right({ crit: ['exp'], exp: 1 }),
    'empty crit': right({ crit: [] }),
    'b64 false': right({ b64: false, crit: ['b64'] }),
    'compressed (zip)': right({ zip: 'DEF' }),
    'nested (cty)': right({ cty: 'JWT' }),
    'encrypted (enc)': right({ enc: 'A256GCM' }),
    'without typ': forge({ alg: 'HS256' }, claims, options.secret),
    'typ of a refresh token': right({ typ: 'refresh+jwt' }),
    'typ of an identity': right({ typ: 'id_token' }),
    'typ of a logout': right({ typ: 'logout+jwt' }),
    'typ in an array': right({ typ: ['at+jwt'] }),
    'typ with a tail': right({ typ: 'at+jwt; x=y' }),
    'not an object but a list': forge([HEADER], claims, options.secret),
    'not an object but null': forge('null', claims, options.secret),
    'not an object but a string': forge('"HS256"', claims, options.secret),
    'not JSON': forge('{"alg":"HS256"', claims, options.secret),
    'with a __proto__': forge('{"__proto__":{"alg":"HS256"},"typ":"at+jwt"}', claims, options.secret),
    'with a byte order mark': forge(`\uFEFF${JSON.stringify(HEADER)}`, claims, options.secret),
  });
}

function badShapes(options: HostileTokenOptions): NamedToken[] {
  const token = honestToken(options);
  const [header = '', payload = '', signature = ''] = token.split('.');
  return named('shape', {
    'two parts': `${header}.${payload}`,
    'four parts': `${token}.${signature}`,
    'five parts, as an encrypted one': `${header}.${payload}.${signature}.${payload}.${signature}`,
    'one part': header,
    'dots only': '..',
    'no header': `.${payload}.${signature}`,
    'no payload': `${header}..${signature}`,
    'a cut signature': token.slice(0, -4),
    'half a signature': `${header}.${payload}.${signature.slice(0, 20)}`,
    'a doubled signature': `${token}${signature}`,
    "another token's payload": `${header}.${encode({ ...honestClaims(options), sub: OTHER_USER })}.${signature}`,
    'a word': 'null',
    'a session id': '0192f0c4-7a1b-7c3d-8e5f-123456789abc',
    'a refresh token': `rg_refresh_${encode('r'.repeat(32))}`,
    'an API key': `rg_key_${encode('k'.repeat(32))}`,
    'longer than 8 KiB': forge(HEADER, { ...honestClaims(options), filler: 'x'.repeat(9000) }, options.secret),
    '7,000 dots': '.'.repeat(7000),
    '7,000 open brackets': forge('['.repeat(3000), '['.repeat(2000), options.secret),
  });
}

/** Other spellings of the honest token's bytes: a revocation by text would miss them. */
function badSpellings(options: HostileTokenOptions): NamedToken[] {
  const token = honestToken(options);
  const [header = '', payload = '', signature = ''] = token.split('.');
  // 32 bytes are 43 characters, of which the last one carries two bits that count for nothing.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const stray = alphabet[alphabet.indexOf(signature.at(-1) ?? '') + 1] ?? '';
  return named('spelling', {
    'stray bits in the signature': `${token.slice(0, -1)}${stray}`,
    'a padded signature': `${token}=`,
    'a padded header': `${header}==.${payload}.${signature}`,
    'a space in the signature': `${token.slice(0, -10)} ${token.slice(-10)}`,
    'a star in the payload': `${header}.*${payload}.${signature}`,
    'a tail after the signature': `${token}!`,
    'percent encoding': token.replaceAll('.', '%2E'),
    quoted: `"${token}"`,
  });
}

function badPayloads(options: HostileTokenOptions): NamedToken[] {
  const withPayload = (payload: unknown, typ = 'at+jwt'): string => forge({ ...HEADER, typ }, payload, options.secret);
  const bytes = (payload: Buffer): string => {
    const input = `${encode(HEADER)}.${payload.toString('base64url')}`;
    return `${input}.${createHmac('sha256', options.secret).update(input).digest('base64url')}`;
  };
  return named('payload', {
    'not JSON': withPayload('exp=never'),
    'not JSON, typ JWT': withPayload('exp=never', 'JWT'),
    'not JSON, signed with an unknown key': `${encode({ ...HEADER, typ: 'JWT' })}.${encode('{{{')}.${encode('nobody')}`,
    'cut JSON': withPayload(JSON.stringify(honestClaims(options)).slice(0, -1)),
    'a JSON string': withPayload('"sub"'),
    'null, typ JWT': withPayload('null', 'JWT'),
    'a number': withPayload('42'),
    'a list': withPayload([honestClaims(options)]),
    'an empty object': withPayload({}),
    'not UTF-8': bytes(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
  });
}

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

function badTimes(options: HostileTokenOptions): NamedToken[] {
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

function badNames(options: HostileTokenOptions): NamedToken[] {
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

function badSubjects(options: HostileTokenOptions): NamedToken[] {
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
