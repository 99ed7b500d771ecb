/** Every `extensions.code` of this server's own errors. Apollo Server adds its own, such as GRAPHQL_VALIDATION_FAILED. */
export const ERROR_CODES = [
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'CONFLICT',
  'FORBIDDEN',
  'NOT_FOUND',
  'RATE_LIMITED',
  'SECOND_FACTOR_REQUIRED',
  'SERVICE_UNAVAILABLE',
  'STEP_UP_REQUIRED',
  'UNAUTHENTICATED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Details of an error. */
export interface ErrorDetails {
  /** The underlying error, for the log only. Never sent to the client. */
  readonly cause?: unknown;
  /** The invalid input, as a path of names (`input.username`). Sent to the client, without its value. */
  readonly field?: string;
}

/**
 * A refusal that is reported to the client. Services throw its subclasses, one for each code, and do not know GraphQL.
 *
 * `message` is public: it is sent to the client verbatim. It must not contain values that were sent, SQL, or names that
 * the viewer may not know. Clients switch on `code`; messages may change.
 */
export abstract class RolegateError extends Error {
  abstract readonly code: ErrorCode;
  readonly field: string | null;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.name = new.target.name;
    this.field = details.field ?? null;
  }
}

/** A value has the right type and is still invalid: too long, out of range, an unknown role. */
export class BadUserInput extends RolegateError {
  override readonly code = 'BAD_USER_INPUT';
}

/** The request itself is invalid: two credentials that disagree, an unknown scheme. */
export class BadRequest extends RolegateError {
  override readonly code = 'BAD_REQUEST';
}

/** The row does not exist, or the viewer may not know of it. Both get the same message. */
export class NotFound extends RolegateError {
  override readonly code = 'NOT_FOUND';
}

/** The change contradicts stored data: a duplicate name, a lost update, a row in use, the last SUPER_ADMIN. */
export class Conflict extends RolegateError {
  override readonly code = 'CONFLICT';
}

/** The viewer is signed in, but is not allowed to do this. */
export class Forbidden extends RolegateError {
  override readonly code = 'FORBIDDEN';
}

/** The viewer is anonymous, or a password, refresh token or reset token is invalid. */
export class Unauthenticated extends RolegateError {
  override readonly code = 'UNAUTHENTICATED';
}

/** The kinds of second factor. */
export type FactorKind = 'TOTP' | 'RECOVERY_CODE' | 'PASSKEY';

/** The password is correct, and the user must show a second factor before a session is opened. */
export class SecondFactorRequired extends RolegateError {
  override readonly code = 'SECOND_FACTOR_REQUIRED';
  /** The token that names this login in the second step. Sent to the client, and never logged. */
  readonly challenge: string;
  readonly factors: readonly FactorKind[];
  /** The options with which a browser asks for a passkey; null: the user has none. */
  readonly passkey: object | null;

  constructor(challenge: string, factors: readonly FactorKind[], passkey: object | null) {
    super('A second factor is required: send it with the challenge by completeLogin');
    this.challenge = challenge;
    this.factors = factors;
    this.passkey = passkey;
  }
}

/** The sign-in of the session is too old for this change: the viewer signs in again first. */
export class StepUpRequired extends RolegateError {
  override readonly code = 'STEP_UP_REQUIRED';
}

/** A temporary refusal, with the time after which the client may retry. */
export abstract class TemporaryError extends RolegateError {
  /** Whole seconds, at least 1: the `Retry-After` of RFC 9110 §10.2.3. */
  readonly retryAfterSeconds: number;

  /** @param retryAfterSeconds rounded up to at least 1 */
  constructor(message: string, retryAfterSeconds: number, details: ErrorDetails = {}) {
    super(message, details);
    this.retryAfterSeconds = Number.isFinite(retryAfterSeconds) ? Math.max(1, Math.ceil(retryAfterSeconds)) : 1;
  }
}

/** The account or the address has made too many attempts. */
export class RateLimited extends TemporaryError {
  override readonly code = 'RATE_LIMITED';
}

/** The database is not available, or the server sheds load. */
export class ServiceUnavailable extends TemporaryError {
  override readonly code = 'SERVICE_UNAVAILABLE';
}

/** The HTTP statuses of a request that is refused before anything of it runs. */
export type RefusalStatus = 400 | 401 | 429 | 503;

/** The contents of an {@link HttpRefusal}. */
export interface Refusal {
  readonly status: RefusalStatus;
  readonly code: ErrorCode;
  /** Public, like the message of a {@link RolegateError}. */
  readonly message: string;
  /** For example `WWW-Authenticate`, which every 401 carries (RFC 9110 §15.5.2), or a `Set-Cookie` that clears one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log only. */
  readonly cause?: unknown;
}

/**
 * The request is refused as a whole: the response has this status, these headers, one error and no `data`. Thrown during
 * authentication, before the document runs.
 */
export class HttpRefusal extends Error {
  readonly status: RefusalStatus;
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor({ status, code, message, headers = {}, ...rest }: Refusal) {
    super(message, rest);
    this.name = 'HttpRefusal';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** A row with a version, which every change increments. */
interface Versioned {
  version: number;
}

/**
 * Checks that a row has not changed since the client read it. Without a version the last write wins.
 *
 * @throws {Conflict} if it has changed
 */
export function requireVersion(row: Versioned, expected: number | null | undefined): void {
  if (expected !== null && expected !== undefined && expected !== row.version) {
    throw new Conflict('The object has changed since it was read: read it again, then retry', {
      field: 'input.version',
    });
  }
}

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
