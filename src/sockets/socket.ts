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
 * client that does not read delays its own events, and the server buffers nothing.
 */
export function serveSocket<Extra>(
  socket: WebSocket,
  { server, extra, limits, onError, onClose }: SocketParts<Extra>,
): void {
  const isOpen = (): boolean => socket.readyState === socket.OPEN;
  const isWithinLimits = createMessageLimit(socket, limits);
  const closed = server.opened(
    {
      protocol: socket.protocol,
      close: (code, reason) => socket.close(code, reason),
      // A socket that fails emits "close" next: a failed send needs no handling here.
      send: (data) => new Promise((resolve) => (isOpen() ? socket.send(data, () => resolve()) : resolve())),
      onMessage: (handle) => {
        const turns = new Turns(handle, (reason) => socket.close(CloseCode.SubscriberAlreadyExists, reason), onError);
        socket.on('message', (data) => {
          if (isOpen() && isWithinLimits()) {
            turns.take(textOf(data));
          }
        });
        socket.once('close', () => turns.end());
      },
    },
    extra,
  );
  const stopPinging = keepAlive(socket, limits.pingInterval);
  socket.on('ping', () => void isWithinLimits());
  socket.on('error', () => undefined); // "close" follows
  socket.once('close', (code, reason) => {
    stopPinging();
    Promise.resolve(closed(code, String(reason))).catch(onError);
    onClose(code);
  });
}

/** A subscription, from the message that opens it until the protocol has ended it. */
interface Turn {
  /** Resolves when the protocol has ended it. */
  ended: Promise<void>;
  /** True while an earlier subscription of that id has not ended. */
  isWaiting: boolean;
  /** True once the client has completed it. */
  isCompleted: boolean;
}

/**
 * Hands messages to the protocol, and a subscription whose id had another one, which the client has completed, only when
 * the other one has ended: graphql-ws identifies subscriptions by their id alone, and would confuse the end of one
 * with that of the other.
 */
class Turns {
  readonly #handle: (text: string) => Promise<void>;
  readonly #refuse: (reason: string) => void;
  readonly #onError: (error: unknown) => void;
  readonly #turns = new Map<string, Turn>();
  #isOver = false;

  constructor(
    handle: (text: string) => Promise<void>,
    refuse: (reason: string) => void,
    onError: (error: unknown) => void,
  ) {
    this.#handle = handle;
    this.#refuse = refuse;
    this.#onError = onError;
  }

  take(text: string): void {
    const { id, type } = headOf(text);
    const last = this.#turns.get(id);
    if (type === 'complete' && last !== undefined) {
      last.isCompleted = true;
      if (last.isWaiting) {
        return; // the protocol does not know it yet
      }
    }
    if (type !== 'subscribe' || (last !== undefined && !last.isCompleted && !last.isWaiting)) {
      void this.#pass(text);
    } else if (last === undefined || last.isCompleted) {
      this.#open(id, text, last);
    } else {
      this.#refuse(`Subscriber for ${id} already exists`);
    }
  }

  /** Opens nothing more: the socket is closed. */
  end(): void {
    this.#isOver = true;
  }

  #open(id: string, text: string, last: Turn | undefined): void {
    const turn: Turn = { ended: Promise.resolve(), isWaiting: last !== undefined, isCompleted: false };
    const open = async (): Promise<void> => {
      turn.isWaiting = false;
      if (!turn.isCompleted && !this.#isOver) {
        await this.#pass(text);
      }
      if (this.#turns.get(id) === turn) {
        this.#turns.delete(id);
      }
    };
    this.#turns.set(id, turn);
    turn.ended = last === undefined ? open() : last.ended.then(open);
  }

  #pass(text: string): Promise<void> {
    return this.#handle(text).catch(this.#onError);
  }
}

/** Returns the id and the type of a message; empty texts if it has none. The protocol refuses such a message. */
function headOf(text: string): { readonly id: string; readonly type: string } {
  try {
    const message: unknown = JSON.parse(text);
    const [id, type] = ['id', 'type'].map((name): unknown => Object(message)[name]);
    return typeof id === 'string' && typeof type === 'string' ? { id, type } : { id: '', type: '' };
  } catch {
    return { id: '', type: '' };
  }
}

/** The text of a message, which comes as one buffer unless it is asked for otherwise. */
function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : '';
}

/** Creates the function that reports if a client is within its limits of messages and of unread bytes; if not, it closes the socket. */
function createMessageLimit(socket: WebSocket, { messages, buffered }: LiveLimits): () => boolean {
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
