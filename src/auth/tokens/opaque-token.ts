import { createHash, randomBytes } from 'node:crypto';

/** The kind of an opaque token. It is part of the token, so that one kind is never accepted as another. */
export type TokenKind = 'challenge' | 'email' | 'invite' | 'key' | 'reset' | 'session' | 'signin';

/** A token of a kind, for instance `rg_key_` and 43 characters: scanners for leaked secrets find it by its prefix. */
export type OpaqueToken<Kind extends TokenKind> = `rg_${Kind}_${string}`;

const SECRET_BYTES = 32;

/** Creates a token: 256 random bits in base64url. It cannot be guessed, so that a plain hash of it may be stored. */
export function createOpaqueToken<Kind extends TokenKind>(kind: Kind): OpaqueToken<Kind> {
  return `rg_${kind}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** Returns true if a text has the shape of a token of the kind, in its one spelling. */
export function isOpaqueToken<Kind extends TokenKind>(kind: Kind, text: string): text is OpaqueToken<Kind> {
  const prefix = `rg_${kind}_`;
  const secret = text.slice(prefix.length);
  // The pattern bounds the length before anything is decoded; 43 characters of base64url are 32 bytes.
  const isSecret = /^[\w-]{43}$/.test(secret) && Buffer.from(secret, 'base64url').toString('base64url') === secret;
  return isSecret && text.startsWith(prefix);
}

/** Returns the hash that the database stores of a token: SHA-256 in base64url, 43 characters. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}
