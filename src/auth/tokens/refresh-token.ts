import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse as parseUuid, stringify as formatUuid } from 'uuid';
import { hashToken } from './opaque-token.ts';

const PREFIX = 'rg_refresh_';
const ID_BYTES = 16;
const SECRET_BYTES = 32;
const MAC_BYTES = 16;
const BYTES = ID_BYTES + SECRET_BYTES + MAC_BYTES;

/** A genuine refresh token, whether or not it is still good. */
export interface RefreshToken {
  readonly sessionId: string;
  /** What the database stores of it. */
  readonly hash: string;
}

/**
 * Makes and reads refresh tokens: session id, secret, and a MAC that tells an old token from an invented one, so that
 * only the former ends its session. Each secret follows from the one before by HMAC, so that whoever retries with the
 * predecessor gets the same successor again, and neither the database nor the key alone gives any token away.
 */
export interface RefreshTokens {
  /** The first token of a session. */
  readonly first: (sessionId: string) => string;
  /** The one token that follows: always the same. @throws {TypeError} if `token` is not genuine */
  readonly successorOf: (token: string) => string;
  /**
   * The same, as each key writes it, the first key's first: while keys are rotated, a replica that knows only the older
   * ones may have handed out theirs.
   */
  readonly successorsOf: (token: string) => readonly [string, ...string[]];
  /** null: it was not made here. */
  readonly read: (token: string) => RefreshToken | null;
}

/** A token's parts, and the key that made it. */
interface Parts {
  readonly id: Buffer;
  readonly secret: Buffer;
  readonly key: KeyObject;
}

/**
 * @param keys at least 256 secret bits each, that are not in the database, the same on every replica: the first makes
 *   tokens, all verify
 */
export function createRefreshTokens(keys: readonly KeyObject[]): RefreshTokens {
  const [first, ...older] = keys;
  if (first === undefined) {
    throw new RangeError('Refresh tokens need a key');
  }
  const partsOf = (token: string): Parts | null => {
    const bytes = bytesOf(token);
    const key = bytes && keys.find((candidate) => isMadeBy(candidate, bytes));
    return bytes && key ? { id: bytes.subarray(0, ID_BYTES), secret: bytes.subarray(ID_BYTES, -MAC_BYTES), key } : null;
  };
  const successorsOf = (token: string): [string, ...string[]] => {
    const parts = partsOf(token);
    if (parts === null) {
      throw new TypeError('Only a genuine refresh token has a successor');
    }
    const secret = hmac(parts.key, 'successor', Buffer.concat([parts.id, parts.secret]));
    return [format(first, parts.id, secret), ...older.map((key) => format(key, parts.id, secret))];
  };
  return {
    first: (sessionId) => format(first, parseUuid(sessionId), randomBytes(SECRET_BYTES)),
    successorOf: (token) => successorsOf(token)[0],
    successorsOf,
    read(token) {
      const parts = partsOf(token);
      return parts === null ? null : { sessionId: formatUuid(parts.id), hash: hashToken(token) };
    },
  };
}

function hmac(key: KeyObject, purpose: string, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0`).update(data).digest();
}

function macOf(key: KeyObject, idAndSecret: Uint8Array): Buffer {
  return hmac(key, 'genuine', idAndSecret).subarray(0, MAC_BYTES);
}

function format(key: KeyObject, id: Uint8Array, secret: Uint8Array): string {
  const idAndSecret = Buffer.concat([id, secret]);
  return PREFIX + Buffer.concat([idAndSecret, macOf(key, idAndSecret)]).toString('base64url');
}

function isMadeBy(key: KeyObject, bytes: Buffer): boolean {
  return timingSafeEqual(bytes.subarray(-MAC_BYTES), macOf(key, bytes.subarray(0, -MAC_BYTES)));
}

/** The bytes of a text that has the shape of a token, in its one spelling; null for any other. */
function bytesOf(token: string): Buffer | null {
  if (!token.startsWith(PREFIX) || token.length > PREFIX.length + 2 * BYTES) {
    return null;
  }
  const encoded = token.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64url');
  return bytes.length === BYTES && bytes.toString('base64url') === encoded ? bytes : null;
}
