import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What opaque tokens are for. The kind stands in the token, so that one never passes for another. */
export type TokenKind = 'key' | 'refresh' | 'reset' | 'session';

/** A token of a kind, for instance `rg_key_` and 43 characters: scanners for leaked secrets find it by its beginning. */
export type OpaqueToken<Kind extends TokenKind> = `rg_${Kind}_${string}`;

const SECRET_BYTES = 32;

/** Makes a token: 256 random bits in base64url. Nobody guesses it, so that a plain hash of it may be stored. */
export function createOpaqueToken<Kind extends TokenKind>(kind: Kind): OpaqueToken<Kind> {
  return `rg_${kind}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** Whether a text has the shape of a token of the kind. What has not need not be looked up. */
export function isOpaqueToken<Kind extends TokenKind>(kind: Kind, text: string): text is OpaqueToken<Kind> {
  const prefix = `rg_${kind}_`;
  return text.startsWith(prefix) && isSecret(text.slice(prefix.length));
}

/** Whether a text is 32 bytes in base64url, in their one spelling (RFC 4648 §3.5). */
export function isSecret(text: string): boolean {
  // The pattern bounds the length before anything is decoded.
  return /^[\w-]{43}$/.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text;
}

/** What the database keeps of a token, and finds it by: SHA-256 in base64url, 43 characters. */
export function hashToken(token: string): string {
  return sha256(token).toString('base64url');
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
