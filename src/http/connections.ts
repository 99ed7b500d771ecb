import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../lib/network.ts';
import { endSocket } from './responses.ts';

/** The interval in which the limits are checked, and the time that a connection may wait before one of them closes it. */
const [SWEEP_MS, GRACE_MS] = [250, 1_000];
/** The share of the descriptors that connections may take; databases, files and sockets to others need the rest. */
const DESCRIPTORS_SHARE = 0.8;
/** The share of all connections above which the oldest that wait are closed, whichever address they come from. */
const CROWDED = 0.8;

/** Limits of a server's connections. */
export interface ConnectionLimits {
  /** Connections that one network address may hold open while it asks for nothing. */
  readonly waitingPerAddress: number;
  /** All connections of this process; more are closed as soon as they arrive. */
  readonly total: number;
  /** Reports if an address is a proxy's: many clients share it, and the proxy limits them. */
  readonly isProxy: (address: string) => boolean;
}

/** A connection, and what is known of it. */
interface Connection {
  readonly socket: Socket;
  /** The time since which its state is what it is. */
  since: number;
  /** Nothing of a first request is complete, a response was sent and no other request began, or a request is answered. */
  state: 'new' | 'idle' | 'asking';
  /** The request that arrived last. */
  request: IncomingMessage | null;
  /** The responses that its client has not read: several where it pipelines. */
  readonly responses: ServerResponse[];
  /** The network of its address, once it was needed. */
  network: string | null;
}

/** Counts a server's connections, and distinguishes those which only hold a descriptor. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #total: number;
  readonly #connections = new Map<Socket, Connection>();
  /** The times at which responses were found to be written and not read. */
  readonly #unread = new WeakMap<ServerResponse, number>();

  constructor(server: Server, limits: ConnectionLimits) {
    this.#limits = limits;
    this.#total = Math.min(limits.total, descriptorsForConnections());
    server.maxConnections = this.#total;
    server.on('connection', (socket: Socket) => {
      const since = performance.now();
      this.#connections.set(socket, { socket, since, state: 'new', request: null, responses: [], network: null });
      socket.once('close', () => this.#connections.delete(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#follow(request, response));
    // The code that takes over the socket limits it.
    server.prependListener('upgrade', ({ socket }) => this.#connections.delete(socket));
    const timer = setInterval(() => this.#sweep(server), SWEEP_MS).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** Closes connections that ask for nothing, or have not finished to ask. */
  closeWaiting(): void {
    [...this.#connections.values()].filter(isWaiting).forEach((connection) => this.#close(connection));
  }

  /** Closes connections whose client has not read a response within the given milliseconds after it was found written. */
  closeUnread(milliseconds: number): void {
    const now = performance.now();
    for (const { socket, responses } of this.#connections.values()) {
      for (const response of responses.filter(({ writableEnded }) => writableEnded)) {
        const since = this.#unread.get(response) ?? now;
        this.#unread.set(response, since);
        if (now - since >= milliseconds) {
          socket.destroy();
        }
      }
    }
  }

  #follow(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) {
      return;
    }
    const { responses } = connection;
    connection.since = performance.now();
    connection.state = 'asking';
    connection.request = request;
    responses.push(response);
    response.once('close', () => {
      responses.splice(responses.indexOf(response), 1);
      if (responses.length === 0) {
        connection.since = performance.now();
        connection.state = 'idle';
      }
    });
  }

  #networkOf(connection: Connection): string {
    return (connection.network ??= networkOf(connection.socket.remoteAddress ?? ''));
  }

  /** Closes the connections that have waited longest, where an address holds too many, or all addresses together. */
  #sweep(server: Server): void {
    server.getConnections((error, open) => {
      let surplus = error === null ? open - CROWDED * this.#total : 0;
      const before = performance.now() - GRACE_MS;
      const waiting = [...this.#connections.values()].filter(isWaiting);
      const counts = new Map<string, number>();
      for (const connection of waiting) {
        const network = this.#networkOf(connection);
        counts.set(network, (counts.get(network) ?? 0) + 1);
      }
      for (const connection of waiting.filter(({ since }) => since <= before).toSorted((a, b) => a.since - b.since)) {
        const network = this.#networkOf(connection);
        const count = counts.get(network) ?? 0;
        const isOver = count > this.#limits.waitingPerAddress;
        if (surplus > 0 || (isOver && !this.#limits.isProxy(connection.socket.remoteAddress ?? ''))) {
          surplus -= 1;
          counts.set(network, count - 1);
          this.#close(connection);
        }
      }
    });
  }

  #close({ socket, state }: Connection): void {
    const isAsking = state !== 'idle' && socket.bytesRead > 0;
    this.#connections.delete(socket);
    if (!isAsking) {
      socket.destroy(); // a client would take a response now for the one to its next request
    } else {
      endSocket(socket, { status: 408, message: 'The request did not arrive in time.' });
    }
  }
}

/**
 * Reports if no complete request is being answered on a connection. A body that arrived counts as complete even
 * if it is not read, since its request is rejected.
 */
function isWaiting({ state, request }: Connection): boolean {
  return state !== 'asking' || request?.complete === false;
}

/** Returns the number of descriptors that connections may take, as the system limits them. */
function descriptorsForConnections(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Infinity : Math.floor(Number(soft) * DESCRIPTORS_SHARE);
  } catch {
    return Infinity; // another system: the configured limit has to do
  }
}
