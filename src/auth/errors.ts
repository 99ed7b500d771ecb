/**
 * A token that was presented is not one we accept: malformed, forged, expired, or meant for somebody else.
 * The message says which, for the log; clients only learn that their credential is bad (401).
 */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}

/**
 * An external issuer's keys were never fetched and cannot be fetched now, so that nothing can be said about its
 * tokens (503). The cause is the fetch's failure.
 */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}

/** More work is queued than can be done in time: the caller is asked to come back later (503). */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}
