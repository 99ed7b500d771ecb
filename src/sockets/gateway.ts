import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BaseContext } from '@apollo/server';
import { handleProtocols, type Server } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { requestIdOf } from '../lib/request-scope.ts';
import { CLOSE, closeCodeOf, serveSocket } from './socket.ts';
import { LiveConnection, messageOf } from './connection.ts';
import { LIVE_LIMITS, type LiveCounts, type LiveLimits, type LiveOptions, type LiveParts } from './options.ts';
import { createProtocol, type Extra } from './protocol.ts';
import type { FastifyInstance } from 'fastify';
import pLimit from 'p-limit';
import { createAddressOf } from '../lib/network.ts';

/** The interval in which identities are checked, in milliseconds. */
const WATCH_INTERVAL = 100;
/** The time that a client has to confirm a close, in milliseconds. */
const CLOSE_TIMEOUT = 3_000;

export interface GatewayParts<Context extends BaseContext> extends LiveParts<Context> {
  /** Longer messages close their connection. */
  readonly largestMessage: number;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Writes an error to a socket as its last response, as HTTP, and closes it. */
  readonly endSocket: (socket: Duplex, response: UpgradeRefusal) => void;
  /** Limits how many connections authenticate again at a time. */
  readonly limitRenewals: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** The response to a request that does not become a WebSocket. */
interface UpgradeRefusal {
  readonly status: 403 | 429 | 503;
  readonly message: string;
  readonly headers: readonly string[];
}

/** All sockets of a process. */
class LiveGateway<Context extends BaseContext> {
  readonly #parts: GatewayParts<Context>;
  readonly #limits: LiveLimits;
  readonly #sockets = new Map<WebSocket, LiveConnection<Context>>();
  readonly #addresses = new Map<string, number>();
  readonly #webSockets: WebSocketServer;
  readonly #protocol: Server<Extra<Context>>;
  /** Connections that are to authenticate again, and wait for their turn. */
  readonly #renewing = new Set<LiveConnection<Context>>();
  #watch: NodeJS.Timeout | null = null;
  #isClosing = false;

  constructor(parts: GatewayParts<Context>) {
    this.#parts = parts;
    this.#limits = { ...LIVE_LIMITS, ...parts.liveLimits };
    const options = { noServer: true, clientTracking: false, handleProtocols, closeTimeout: CLOSE_TIMEOUT };
    this.#webSockets = new WebSocketServer({ ...options, maxPayload: parts.largestMessage });
    this.#protocol = createProtocol(parts, this.#limits);
  }

  get counts(): LiveCounts {
    const subscriptions = this.#sockets.values().reduce((sum, { operations }) => sum + operations.size, 0);
    return { sockets: this.#sockets.size, subscriptions };
  }

  /** Takes over a request to become a WebSocket, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const address = this.#parts.addressOf(request);
    const count = this.#addresses.get(address) ?? 0;
    if (!this.#parts.isFromAllowedOrigin(request)) {
      this.#refuse(socket, 403, 'This page may not connect: add its origin to CORS_ORIGINS.');
    } else if (this.#isClosing || this.#sockets.size >= this.#limits.sockets) {
      this.#refuse(socket, 503, 'The server is busy.');
    } else if (count >= this.#limits.socketsPerAddress) {
      this.#refuse(socket, 429, 'There are too many connections from this address.');
    } else {
      this.#webSockets.handleUpgrade(request, socket, head, (upgraded) => this.#serve(upgraded, request, address));
    }
  }

  /** Refuses to upgrade, as HTTP. No parser reads this socket any more: what the client still sends is dropped. */
  #refuse(socket: Duplex, status: UpgradeRefusal['status'], message: string): void {
    socket.resume();
    const headers = status === 403 ? [] : [`retry-after: ${RETRY_AFTER}`];
    this.#parts.endSocket(socket, { status, message, headers });
  }

  /** Closes all connections. Resolves when all are closed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#watch ?? undefined);
    const gone = [...this.#sockets.keys()].map(
      (socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())),
    );
    this.#sockets.forEach((connection) => connection.end(CLOSE.goingAway, 'The server stops: reconnect'));
    await Promise.all(gone);
  }

  #serve(socket: WebSocket, request: IncomingMessage, address: string): void {
    const { log } = this.#parts;
    const id = requestIdOf(request);
    const source = { rawHeaders: request.rawHeaders, address, device: request.headers['user-agent'] ?? 'unknown' };
    const connection = new LiveConnection(id, this.#parts, source, (code, reason) => socket.close(code, reason));
    const since = performance.now();
    this.#sockets.set(socket, connection);
    this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1);
    this.#watch ??= setInterval(() => this.#renew(), WATCH_INTERVAL).unref();
    serveSocket(socket, {
      server: this.#protocol,
      extra: { connection },
      limits: this.#limits,
      onError: (error) => this.#fail(connection, error),
      onClose: (code) => {
        connection.dispose();
        this.#forget(socket, address);
        log.info({ requestId: id, code, ms: Math.round(performance.now() - since) }, 'disconnected');
      },
    });
  }

  #forget(socket: WebSocket, address: string): void {
    this.#sockets.delete(socket);
    const left = (this.#addresses.get(address) ?? 1) - 1;
    if (left > 0) {
      this.#addresses.set(address, left);
    } else {
      this.#addresses.delete(address);
    }
    if (this.#sockets.size === 0) {
      clearInterval(this.#watch ?? undefined);
      this.#watch = null;
    }
  }

  #renew(): void {
    for (const connection of this.#sockets.values()) {
      if (connection.isStale && !this.#renewing.has(connection)) {
        this.#renewing.add(connection);
        void this.#parts
          .limitRenewals(() => connection.identity())
          .catch((error: unknown) => this.#fail(connection, error))
          .finally(() => this.#renewing.delete(connection));
      }
    }
  }

  #fail(connection: LiveConnection<Context>, error: unknown): void {
    connection.end(closeCodeOf(error), messageOf(this.#parts, connection.id, error));
  }
}

/** The wait for a client whose connection was refused, in seconds. */
const RETRY_AFTER = 5;

/** Reports if a request asks to become a WebSocket, where there is one. Any other upgrade is declined by a response. */
export function isLiveUpgrade({ method, url = '', headers }: IncomingMessage): boolean {
  const path = url.split('?', 1)[0];
  return method === 'GET' && path === '/graphql' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** The largest number of events and credentials that are processed at a time: requests need the database, too. */
const EVENTS_AT_ONCE = 8;
const RENEWALS_AT_ONCE = 8;

/** The dependencies that subscriptions share with the route over HTTP. */
export interface LiveRouteOptions<Context extends BaseContext>
  extends
    Omit<LiveParts<Context>, keyof LiveOptions<Context> | 'limitWork'>,
    Pick<GatewayParts<Context>, 'largestMessage' | 'endSocket'> {
  readonly live: LiveOptions<Context>;
  readonly trustedProxies: readonly string[];
}

/** Serves subscriptions over WebSocket on `/graphql`, until the server closes. */
export function registerLive<Context extends BaseContext>(
  fastify: FastifyInstance,
  { live, trustedProxies, ...parts }: LiveRouteOptions<Context>,
): void {
  const gateway = new LiveGateway<Context>({
    ...parts,
    ...live,
    addressOf: createAddressOf(trustedProxies),
    limitWork: pLimit(EVENTS_AT_ONCE),
    limitRenewals: pLimit(RENEWALS_AT_ONCE),
  });
  fastify.server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  fastify.addHook('preClose', () => gateway.close());
  live.onCounts?.(() => gateway.counts);
}
