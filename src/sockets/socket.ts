import { CloseCode, type Server as GraphQLServer } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import { type LiveLimits, MESSAGE_WINDOW } from './options.ts';
import { HttpRefusal, TemporaryError } from '../lib/errors.ts';

/** The dependencies of one socket. */
export interface SocketParts<Extra> {
  readonly server: GraphQLServer<Extra>;
  readonly extra: Extra;
  readonly limits: LiveLimits;
  /** Closes the connection after an error in the handling of a message. */
  readonly onError: (error: unknown) => void;
  readonly onClose: (code: number) => void;
}

/**
 * Hands a socket's messages to the protocol. An answer counts as sent when the operating system has taken it, so that a
 * client that does not read holds its own events up, and nothing piles up here.
 */
export function serveSocket<Extra>(
  socket: WebSocket,
  { server, extra, limits, onError, onClose }: SocketParts<Extra>,
): void {
  const isOpen = (): boolean => socket.readyState === socket.OPEN;
  const mayGoOn = createBrake(socket, limits);
  const closed = server.opened(
    {
      protocol: socket.protocol,
      close: (code, reason) => socket.close(code, reason),
      // A socket that breaks says so by "close": here no peer is left to answer.
      send: (data) => new Promise((resolve) => (isOpen() ? socket.send(data, () => resolve()) : resolve())),
      onMessage: (handle) =>
        socket.on('message', (data) => {
          if (isOpen() && mayGoOn()) {
            handle(textOf(data)).catch(onError);
          }
        }),
    },
    extra,
  );
  const stopPinging = keepAlive(socket, limits.pingInterval);
  socket.on('ping', () => void mayGoOn());
  socket.on('error', () => undefined); // "close" follows
  socket.once('close', (code, reason) => {
    stopPinging();
    Promise.resolve(closed(code, String(reason))).catch(onError);
    onClose(code);
  });
}

/** The text of a message, which comes as one buffer unless it is asked for otherwise. */
function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : '';
}

/** Creates the function that reports if a client may go on: it neither asks too often, nor leaves answers unread. */
function createBrake(socket: WebSocket, { messages, buffered }: LiveLimits): () => boolean {
  let [since, count] = [performance.now(), 0];
  return () => {
    const now = performance.now();
    [since, count] = now - since > MESSAGE_WINDOW ? [now, 1] : [since, count + 1];
    if (count > messages) {
      socket.close(CLOSE.tooManyRequests, 'Too many messages');
    } else if (socket.bufferedAmount > buffered) {
      socket.close(CLOSE.tryAgainLater, 'Too slow: reconnect, and read the list again');
    }
    return socket.readyState === socket.OPEN;
  };
}

/** Drops a peer that does not answer any more. */
function keepAlive(socket: WebSocket, interval: number): () => void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
  }, interval).unref();
  return () => clearInterval(timer);
}

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
