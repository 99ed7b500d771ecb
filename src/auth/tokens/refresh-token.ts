import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse as parseUuid, stringify as formatUuid } from 'uuid';
import { hashToken } from './opaque-token.ts';

const PREFIX = 'rg_refresh_';
const ID_BYTES = 16;
const SECRET_BYTES = 32;
const MAC_BYTES = 16;
const BYTES = ID_BYTES + SECRET_BYTES + MAC_BYTES;

/** A refresh token that this server issued, valid or not. */
export interface RefreshToken {
  readonly sessionId: string;
  /** The hash that the database stores. */
  readonly hash: string;
}

/**
 * Creates and reads refresh tokens: session id, secret, and a MAC that distinguishes an old token from an invented one,
 * so that only the former ends its session. Each secret is derived from the previous one by HMAC, so that a retry with
 * the predecessor gets the same successor, and neither the database nor the key alone reveals a token.
 */
export interface RefreshTokens {
  /** Creates the first token of a session. */
  readonly first: (sessionId: string) => string;
  /** Returns the successor of a token, always the same. @throws {TypeError} if `token` is not genuine */
  readonly successorOf: (token: string) => string;
  /**
   * Returns the successors as each key writes them, that of the first key first: during a key rotation, a replica with
   * only the older keys may have issued theirs.
   */
  readonly successorsOf: (token: string) => readonly [string, ...string[]];
  /** Returns null if this server did not issue the token. */
  readonly read: (token: string) => RefreshToken | null;
}

/** The parts of a token, and the key that created it. */
interface Parts {
  readonly id: Buffer;
  readonly secret: Buffer;
  readonly key: KeyObject;
}

/**
 * Creates the refresh tokens of a process.
 *
 * @param keys at least 256 secret bits each, not in the database, the same on every replica: the first creates tokens,
 *   all verify
 */
export function createRefreshTokens(keys: readonly KeyObject[]): RefreshTokens {
  const [first, ...older] = keys;
  if (first === undefined) {
    throw new RangeError('Refresh tokens need a key');
  }
  const partsOf = (token: string): Parts | null => {
    const bytes = bytesOf(token);
    const key = bytes && keys.find((candidate) => isCreatedBy(candidate, bytes));
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

function isCreatedBy(key: KeyObject, bytes: Buffer): boolean {
  return timingSafeEqual(bytes.subarray(-MAC_BYTES), macOf(key, bytes.subarray(0, -MAC_BYTES)));
}

/** Returns the bytes of a text with the shape of a token, in its one spelling; null for any other. */
function bytesOf(token: string): Buffer | null {
  if (!token.startsWith(PREFIX) || token.length > PREFIX.length + 2 * BYTES) {
    return null;
  }
  const encoded = token.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64url');
  return bytes.length === BYTES && bytes.toString('base64url') === encoded ? bytes : null;
}
