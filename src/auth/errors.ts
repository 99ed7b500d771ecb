/**
 * Thrown for a credential that is not accepted: malformed, forged, expired, or issued for another audience. The message
 * says which, for the log; clients only learn that their credential is not valid (401).
 */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}

/**
 * Thrown if an external issuer's keys or metadata were never fetched and cannot be fetched now, so that its tokens cannot
 * be verified (503), or if it does not answer during a sign-in. The cause is the error of the fetch.
 */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}

/** Thrown if an external issuer answers a sign-in with an error, for instance since its user declined. */
export class RefusedByIssuerError extends Error {
  override readonly name = 'RefusedByIssuerError';
  /** The error code of OAuth 2.0, which any client may have sent. Compared, and never shown. */
  readonly error: string;

  constructor(error: string, options?: ErrorOptions) {
    super('The issuer refuses the sign-in', options);
    this.error = error;
  }
}

/** Thrown if more work is queued than can be done in time: the caller should retry later (503). */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}
