import type { BaseContext } from '@apollo/server';
import type { FastifyBaseLogger } from 'fastify';
import type { CredentialSource } from '../auth/strategies/strategy.ts';
import type { Pipeline } from '../graphql/pipeline.ts';
import type { RequestDocuments } from '../graphql/request-documents.ts';
import type { RequestScope } from '../lib/request-scope.ts';

/** The limits on connections. Every number is the largest value that is still accepted. */
export interface LiveLimits {
  /** Connections of this process. The credential of each is checked when a viewer's rights change. */
  readonly sockets: number;
  /** Connections from one network address, which all clients of an office may share. */
  readonly socketsPerAddress: number;
  /** Subscriptions on one connection. */
  readonly operations: number;
  /** Messages on one connection within {@link MESSAGE_WINDOW}. */
  readonly messages: number;
  /** Bytes that wait for a client that sends messages but does not read. */
  readonly buffered: number;
  /** Milliseconds until a client must have sent `connection_init`, and between two pings. */
  readonly initWait: number;
  readonly pingInterval: number;
}

/** In milliseconds. */
export const MESSAGE_WINDOW = 10_000;

export const LIVE_LIMITS: LiveLimits = Object.freeze({
  sockets: 1_000,
  socketsPerAddress: 100,
  operations: 20,
  messages: 100,
  buffered: 1024 * 1024,
  initWait: 5_000,
  pingInterval: 12_000,
});

/** The credential of a connection: the headers that it came with, and those of its first message. */
export interface ConnectionSource extends CredentialSource {
  readonly address: string;
  readonly device: string;
}

/** A context for one piece of work, and the function that ends it. */
export interface OpenContext<Context> {
  readonly context: Context;
  readonly close: () => void;
}

/** The viewer at the other end, as last authenticated. */
export interface Identity<Context> {
  /** The end of the credential; null if it has none. */
  readonly expiresAt: Date | null;
  readonly isAnonymous: boolean;
  /** Opens a context: each event has its own. */
  readonly open: () => OpenContext<Context>;
}

/** The number of connections, and of subscriptions on all of them. */
export interface LiveCounts {
  readonly sockets: number;
  readonly subscriptions: number;
}

/** The dependencies of subscriptions that concern viewers. */
export interface LiveOptions<Context extends BaseContext> {
  /** @throws {HttpRefusal} as for a request over HTTP */
  readonly identify: (source: ConnectionSource) => Promise<Identity<Context>>;
  /** Returns another number whenever a viewer's rights may have changed; null if that is not known at the moment. */
  readonly accessVersion: () => number | null;
  /**
   * Reports if a page may connect: one of this server, or of an origin that it lists. A request without an Origin header
   * does not come from a browser.
   */
  readonly isFromAllowedOrigin: (source: CredentialSource) => boolean;
  readonly now: () => Date;
  /** Receives the function that counts, once the server has been created. */
  readonly onCounts?: (counts: () => LiveCounts) => void;
  readonly liveLimits?: Partial<LiveLimits>;
}

/** The dependencies of a connection and its subscriptions. */
export interface LiveParts<Context extends BaseContext> extends LiveOptions<Context> {
  readonly pipeline: Pipeline<Context>;
  /** The documents that requests may name by a hash; without them, none. */
  readonly documents?: RequestDocuments<Context> | undefined;
  readonly requestScope: RequestScope;
  readonly log: FastifyBaseLogger;
  /** Limits the events that are processed at a time, so that requests still get database connections. */
  readonly limitWork: <Result>(work: () => Promise<Result>) => Promise<Result>;
}
