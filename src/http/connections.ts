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

/** A connection on which no complete request is being answered. */
interface Waiting {
  readonly since: number;
  /** The progress of the client: nothing of a first request is complete, a response was sent, or a body is missing. */
  readonly state: 'new' | 'idle' | 'body';
  /** The request whose body is missing. */
  readonly request: IncomingMessage | null;
}

/** Keeps account of a server's connections, so that those which only hold a descriptor can be told from the others. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #total: number;
  /** In the order in which they began to wait. */
  readonly #waiting = new Map<Socket, Waiting>();
  /** The network of each connection, determined once. */
  readonly #networks = new WeakMap<Socket, string>();
  /** Requests on a connection that are being answered: several where the client pipelines. */
  readonly #active = new WeakMap<Socket, number>();
  /** Responses that were written, and that the client has not read yet. */
  readonly #unread = new Map<ServerResponse, number>();

  constructor(server: Server, limits: ConnectionLimits) {
    this.#limits = limits;
    this.#total = Math.min(limits.total, descriptorsForConnections());
    server.maxConnections = this.#total;
    server.on('connection', (socket: Socket) => {
      this.#wait(socket, 'new');
      socket.once('close', () => this.#stopWaiting(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#follow(request, response));
    // The code that takes over the socket limits it.
    server.prependListener('upgrade', ({ socket }) => this.#stopWaiting(socket));
    const timer = setInterval(() => this.#sweep(server), SWEEP_MS).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** Closes connections that ask for nothing, or have not finished to ask. */
  closeWaiting(): void {
    this.#forgetComplete();
    [...this.#waiting.keys()].forEach((socket) => this.#close(socket));
  }

  /** Closes connections whose client has not read a response that was written so many milliseconds ago. */
  closeUnread(milliseconds: number): void {
    for (const [response, since] of this.#unread) {
      if (performance.now() - since >= milliseconds) {
        response.socket?.destroy();
      }
    }
  }

  #follow(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#active.set(socket, (this.#active.get(socket) ?? 0) + 1);
    if (request.complete) {
      this.#stopWaiting(socket);
    } else {
      this.#wait(socket, 'body', request);
      request.once('end', () => this.#stopWaiting(socket));
    }
    const noteUnread = (): void => void this.#unread.set(response, performance.now());
    response.once('prefinish', noteUnread);
    response.once('close', () => {
      response.off('prefinish', noteUnread); // a response that is written after its client has left is not read either
      this.#unread.delete(response);
      const left = (this.#active.get(socket) ?? 1) - 1;
      this.#active.set(socket, left);
      if (left === 0 && !socket.destroyed) {
        this.#wait(socket, 'idle');
      }
    });
  }

  /** A body that arrived and is not read, since its request is turned away, is complete all the same. */
  #forgetComplete(): void {
    for (const [socket, { request }] of this.#waiting) {
      if (request?.complete === true) {
        this.#stopWaiting(socket);
      }
    }
  }

  #wait(socket: Socket, state: Waiting['state'], request: IncomingMessage | null = null): void {
    this.#waiting.delete(socket); // its place is behind those that wait already
    this.#waiting.set(socket, { since: performance.now(), state, request });
  }

  #stopWaiting(socket: Socket): void {
    this.#waiting.delete(socket);
  }

  #networkOf(socket: Socket): string {
    const network = this.#networks.get(socket) ?? networkOf(socket.remoteAddress ?? '');
    this.#networks.set(socket, network);
    return network;
  }

  /** Returns the number of connections that wait, by network. */
  #countByNetwork(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const socket of this.#waiting.keys()) {
      const network = this.#networkOf(socket);
      counts.set(network, (counts.get(network) ?? 0) + 1);
    }
    return counts;
  }

  /** Closes the connections that have waited longest, where an address holds too many, or all addresses together. */
  #sweep(server: Server): void {
    server.getConnections((error, open) => {
      let surplus = error === null ? open - CROWDED * this.#total : 0;
      const before = performance.now() - GRACE_MS;
      this.#forgetComplete();
      const counts = this.#countByNetwork();
      for (const [socket, { since }] of this.#waiting) {
        if (since > before) {
          return;
        }
        const network = this.#networkOf(socket);
        const count = counts.get(network) ?? 0;
        const isOver = count > this.#limits.waitingPerAddress;
        if (surplus > 0 || (isOver && !this.#limits.isProxy(socket.remoteAddress ?? ''))) {
          surplus -= 1;
          counts.set(network, count - 1);
          this.#close(socket);
        }
      }
    });
  }

  #close(socket: Socket): void {
    const isAsking = this.#waiting.get(socket)?.state !== 'idle' && socket.bytesRead > 0;
    this.#stopWaiting(socket);
    if (!isAsking) {
      socket.destroy(); // a response now would be taken for the one to the client's next request
    } else {
      endSocket(socket, { status: 408, message: 'The request did not arrive in time.' });
    }
  }
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
