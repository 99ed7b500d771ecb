/** Every `extensions.code` that this server's own code answers with; the rest of design §5's table is Apollo's. */
export const ERROR_CODES = [
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'CONFLICT',
  'FORBIDDEN',
  'NOT_FOUND',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'UNAUTHENTICATED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What may accompany an error. */
export interface ErrorDetails {
  /** What really happened: for the log, never for the client. */
  readonly cause?: unknown;
  /** The input at fault, as a path of names (`input.username`): sent to the client. Never its value. */
  readonly field?: string;
}

/**
 * A refusal that the client is told of. Services throw its subclasses, one a code, and know nothing of GraphQL.
 *
 * `message` is public: it reaches the client word for word. So it holds no value that was sent, no SQL and no name of
 * anything the viewer may not know of. Clients switch on `code`; messages may change.
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

/** A value is of the right type and still unusable: too long, out of range, an unknown role. */
export class BadUserInput extends RolegateError {
  override readonly code = 'BAD_USER_INPUT';
}

/** The request itself cannot be understood: two credentials that disagree, an unknown scheme. */
export class BadRequest extends RolegateError {
  override readonly code = 'BAD_REQUEST';
}

/** No such row, or one the viewer may not know of: both are told in the same words. */
export class NotFound extends RolegateError {
  override readonly code = 'NOT_FOUND';
}

/** The change contradicts what is stored: a taken name, a lost update, a row in use, the last SUPER_ADMIN. */
export class Conflict extends RolegateError {
  override readonly code = 'CONFLICT';
}

/** Somebody is signed in, and may not do this. */
export class Forbidden extends RolegateError {
  override readonly code = 'FORBIDDEN';
}

/** Nobody is signed in, or what was offered to sign in with (password, refresh token, reset token) is no good. */
export class Unauthenticated extends RolegateError {
  override readonly code = 'UNAUTHENTICATED';
}

/** A refusal that will pass: the client is told when to come back. */
export abstract class TemporaryError extends RolegateError {
  /** Whole seconds, at least 1: the `Retry-After` of RFC 9110 §10.2.3. */
  readonly retryAfterSeconds: number;

  /** @param retryAfterSeconds rounded up; nothing under a second is promised. */
  constructor(message: string, retryAfterSeconds: number, details: ErrorDetails = {}) {
    super(message, details);
    this.retryAfterSeconds = Number.isFinite(retryAfterSeconds) ? Math.max(1, Math.ceil(retryAfterSeconds)) : 1;
  }
}

/** Too many attempts by this account or address. */
export class RateLimited extends TemporaryError {
  override readonly code = 'RATE_LIMITED';
}

/** The database is away, or the server sheds load. */
export class ServiceUnavailable extends TemporaryError {
  override readonly code = 'SERVICE_UNAVAILABLE';
}

/** The statuses with which a whole request may be refused before any of it is run. */
export type RefusalStatus = 400 | 401 | 429 | 503;

/** What {@link HttpRefusal} answers with. */
export interface Refusal {
  readonly status: RefusalStatus;
  readonly code: ErrorCode;
  /** Public, as a {@link RolegateError}'s. */
  readonly message: string;
  /** For instance `WWW-Authenticate`, which every 401 carries (RFC 9110 §15.5.2), or a `Set-Cookie` that clears one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log only. */
  readonly cause?: unknown;
}

/**
 * The request is refused as a whole, whatever its operation: the answer has this status, these headers, one error and
 * no `data`. Thrown while the viewer is found out, before the document is run.
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
