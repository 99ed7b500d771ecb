import { CloseCode } from 'graphql-ws';
import { HttpRefusal, TemporaryError } from '../lib/errors.ts';

/** The codes with which connections are closed, of WebSocket (RFC 6455 §7.4) and graphql-transport-ws. */
export const CLOSE = {
  /** The server stops: others may serve. */
  goingAway: 1001,
  /** Events were lost, or the server cannot serve at the moment: reconnect, and read again. */
  tryAgainLater: 1013,
  badRequest: CloseCode.BadRequest,
  /** The credential is bad, or has ended: sign in again. */
  unauthorized: CloseCode.Unauthorized,
  tooManyRequests: 4429,
  internalError: CloseCode.InternalServerError,
} as const;

const BY_STATUS = {
  400: CLOSE.badRequest,
  401: CLOSE.unauthorized,
  429: CLOSE.tooManyRequests,
  503: CLOSE.tryAgainLater,
} as const;

/** Returns the code with which an error closes a connection. */
export function closeCodeOf(error: unknown): number {
  if (error instanceof HttpRefusal) {
    return BY_STATUS[error.status];
  }
  if (error instanceof TemporaryError) {
    return error.code === 'RATE_LIMITED' ? CLOSE.tooManyRequests : CLOSE.tryAgainLater;
  }
  return CLOSE.internalError;
}
