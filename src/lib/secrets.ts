import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The purpose of a derived key: keys of different purposes reveal nothing about each other. */
export type KeyPurpose = 'audit' | 'cursor' | 'refresh token';

/** Derives a key of 256 bits from a secret (HKDF with SHA-256, RFC 5869). */
export function deriveKey(secret: string, purpose: KeyPurpose): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `rolegate ${purpose}`, 32)));
}

/** The shortest text that this module has ever stored. */
const LEAST_SECRET = 64;

/** The stored secret is empty or truncated. */
export class SecretDamaged extends Error {
  constructor(file: string) {
    super(
      `The file "${file}" is empty or truncated. Restore it from a backup, or delete it: then all users sign in again.`,
    );
    this.name = 'SecretDamaged';
  }
}

/** The demo's signing secret: made once, and kept beside the data for its owner only. */
export function demoSecret(dataDir: string): string {
  const file = join(dataDir, 'jwt-secret');
  try {
    const stored = readFileSync(file, 'utf8').trim();
    if (stored.length < LEAST_SECRET) {
      throw new SecretDamaged(file);
    }
    return stored;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
  }
  const secret = randomBytes(48).toString('base64url');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  return secret;
}
