import { generateSecret, generateURI, verifySync } from 'otplib';

/** The time for which one code is valid, in seconds, and the drift of clocks that is tolerated (RFC 6238 §5.2). */
const PERIOD = 30;
const SECRET_BYTES = 20;

/** A new secret, as authenticator apps take it. */
export interface TotpEnrolment {
  /** Base32, 160 bits. */
  readonly secret: string;
  /** The `otpauth` URI, which apps read as a QR code. */
  readonly uri: string;
}

/** Creates a secret for codes by time: SHA-1, 6 digits, 30 seconds, which every app supports. */
export function createTotp(issuer: string, label: string): TotpEnrolment {
  const secret = generateSecret({ length: SECRET_BYTES });
  return { secret, uri: generateURI({ issuer, label, secret }) };
}

/** Returns true if a text has the shape of a code by time. */
export function isTotpCode(code: string): boolean {
  return /^\d{6}$/.test(code);
}

/** Returns the time step of a code that is valid now, give or take one step; null if it is not. */
export function stepOfCode(secret: string, code: string, now: Date): number | null {
  if (!isTotpCode(code)) {
    return null;
  }
  const epoch = Math.floor(now.getTime() / 1_000);
  const result = verifySync({ secret, token: code, epoch, period: PERIOD, epochTolerance: PERIOD });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}
