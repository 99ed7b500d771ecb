import { createHmac, generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto';
import {
  type Claims,
  encode,
  forge,
  HEADER,
  honestClaims,
  honestToken,
  type HostileTokenOptions,
  named,
  type NamedToken,
  OTHER_USER,
} from './forged-tokens.ts';
import { badNames, badSubjects, badTimes } from './hostile-claims.ts';

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

const header = (alg: unknown): string => encode({ ...HEADER, alg });

function badAlgorithms(options: HostileTokenOptions): NamedToken[] {
  const claims = encode(honestClaims(options));
  const signature = honestToken(options).split('.')[2] ?? '';
  const none = ['none', 'None', 'NONE', 'nOnE', 'none ', 'no\u200bne', '', null, false, 0, ['none'], {}];
  const other = ['hs256', 'HS256 ', 'HS384', 'HS512', 'RS256', 'ES256', 'PS256', 'EdDSA', ['HS256']];
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
