import { createHmac, randomBytes, type KeyObject } from 'node:crypto';
import { hashToken, isSecret } from './opaque-token.ts';

const SHAPE = /^rg_refresh_([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})_(.{43})$/;

/** What can be read from a refresh token, before the database says whether it is good. */
export interface RefreshToken {
  /** Whose it is, so that a token from long ago is known as a replay, too. */
  readonly sessionId: string;
  /** What the session keeps of it. */
  readonly hash: string;
}

/** Makes the refresh tokens of sessions: the first at random, each other one from its predecessor. */
export interface RefreshTokens {
  /** The token of a new session, whose id is a UUID. */
  first(sessionId: string): string;
  /**
   * The token that replaces another in its session: always the same one, and nobody tells it in advance.
   *
   * @throws {RangeError} if the text is no refresh token
   */
  successorOf(token: string): string;
  /** Reads a token; null if the text has not the shape of one. */
  parse(token: string): RefreshToken | null;
}

/**
 * Creates the maker of refresh tokens, which rotate (RFC 9700 §4.14.2). A successor is the HMAC-SHA-256 of its
 * predecessor under a key that is not in the database: a retry gets the same answer from every replica although only
 * hashes are stored, and whoever reads the database can compute none.
 */
export function createRefreshTokens({ key }: { readonly key: KeyObject }): RefreshTokens {
  return {
    first: (sessionId) => format(sessionId, randomBytes(32)),
    successorOf: (token) => {
      const parsed = parse(token);
      if (parsed === null) {
        throw new RangeError('Only a refresh token has a successor');
      }
      return format(parsed.sessionId, createHmac('sha256', key).update(token, 'utf8').digest());
    },
    parse,
  };
}

function format(sessionId: string, secret: Buffer): string {
  return `rg_refresh_${sessionId}_${secret.toString('base64url')}`;
}

function parse(token: string): RefreshToken | null {
  const [, sessionId, secret = ''] = SHAPE.exec(token) ?? [];
  return sessionId !== undefined && isSecret(secret) ? { sessionId, hash: hashToken(token) } : null;
}
