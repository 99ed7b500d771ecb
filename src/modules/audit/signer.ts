import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { deriveKey } from '../../lib/secrets.ts';

/** Signs what the audit trail says of itself, with keys that are not in the database. */
export interface AuditSigner {
  readonly sign: (text: string) => string;
  readonly isSigned: (text: string, signature: string) => boolean;
}

/**
 * Signatures by HMAC-SHA-256, in hexadecimal.
 *
 * @param secrets as in JWT_SECRET: the first signs, all verify
 */
export function createAuditSigner(secrets: readonly [string, ...string[]]): AuditSigner {
  const [first, ...older] = secrets;
  const key = deriveKey(first, 'audit');
  const keys = [key, ...older.map((secret) => deriveKey(secret, 'audit'))];
  return {
    sign: (text) => mac(key, text).toString('hex'),
    isSigned(text, signature) {
      const given = Buffer.from(signature, 'hex');
      return given.length === 32 && keys.some((candidate) => timingSafeEqual(given, mac(candidate, text)));
    },
  };
}

function mac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
