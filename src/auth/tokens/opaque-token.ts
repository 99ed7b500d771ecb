import { createHash, randomBytes } from 'node:crypto';

/** What opaque tokens are for. The kind stands in the token, so that one never passes for another. */
export type TokenKind = 'key' | 'reset' | 'session';

/** A token of a kind, for instance `rg_key_` and 43 characters: scanners for leaked secrets find it by its beginning. */
export type OpaqueToken<Kind extends TokenKind> = `rg_${Kind}_${string}`;

const SECRET_BYTES = 32;

/** Makes a token: 256 random bits in base64url. Nobody guesses it, so that a plain hash of it may be stored. */
export function createOpaqueToken<Kind extends TokenKind>(kind: Kind): OpaqueToken<Kind> {
  return `rg_${kind}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** Whether a text has the shape of a token of the kind, in its one spelling. What has not need not be looked up. */
export function isOpaqueToken<Kind extends TokenKind>(kind: Kind, text: string): text is OpaqueToken<Kind> {
  const prefix = `rg_${kind}_`;
  const secret = text.slice(prefix.length);
  // The pattern bounds the length before anything is decoded; 43 characters of base64url are 32 bytes.
  const isSecret = /^[\w-]{43}$/.test(secret) && Buffer.from(secret, 'base64url').toString('base64url') === secret;
  return isSecret && text.startsWith(prefix);
}

/** What the database keeps of a token, and finds it by: SHA-256 in base64url, 43 characters. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}
