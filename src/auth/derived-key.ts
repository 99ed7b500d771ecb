import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/**
 * Derives a key of 256 bits for one purpose from a secret (HKDF with SHA-256, RFC 5869), so that one configured
 * secret serves several purposes and none of their keys tells anything of another.
 *
 * @throws {RangeError} if the secret has less than 32 bytes: HKDF spreads entropy and adds none
 */
export function deriveKey(secret: string | Buffer, purpose: string): KeyObject {
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret;
  if (bytes.length < 32) {
    throw new RangeError('A secret to derive keys from has at least 32 bytes');
  }
  return createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', `rolegate ${purpose}`, 32)));
}
