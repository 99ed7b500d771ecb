import type { BaseContext } from '@apollo/server';
import type { FastifyBaseLogger } from 'fastify';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { CredentialSource } from '../auth/strategies/credential.ts';
import type { FormatError } from '../graphql/format-error.ts';
import type { RequestScope } from '../http/request-scope.ts';
import type { DocumentOptions } from '../graphql/document.ts';
import type { LiveLimits } from './limits.ts';

/** What a connection tells of who asks: the headers that it came with, and what it said first. */
export interface ConnectionSource extends CredentialSource {
  readonly address: string;
  readonly device: string;
}

/** A context for one piece of work, and what ends it. */
export interface OpenContext<Context> {
  readonly context: Context;
  readonly close: () => void;
}

/** Who is at the other end, as far as it is known now. */
export interface Identity<Context> {
  /** When it ends by itself; null: never. */
  readonly expiresAt: Date | null;
  readonly isAnonymous: boolean;
  /** Each event has a context of its own. */
  readonly open: () => OpenContext<Context>;
}

/** How many connections there are, and how many subscriptions on all of them. */
export interface LiveCounts {
  readonly sockets: number;
  readonly subscriptions: number;
}

/** How subscriptions find out who asks. */
export interface LiveOptions<Context extends BaseContext> {
  /** @throws {HttpRefusal} as for a request over HTTP */
  readonly identify: (source: ConnectionSource) => Promise<Identity<Context>>;
  /** Another number whenever somebody's rights may have changed; null: that is not known at the moment. */
  readonly accessVersion: () => number | null;
  /** Whether a page may connect: of this server, or of an origin that it lists. Whoever names none is no browser. */
  readonly isFromOwnPage: (source: CredentialSource) => boolean;
  readonly now: () => Date;
  /** Told of each use of a field that is hidden from the viewer. */
  readonly onInvalid?: (document: InvalidDocument<Context>) => void;
  /** Is handed what counts, when the server has been made. */
  readonly onCounts?: (counts: () => LiveCounts) => void;
  readonly liveLimits?: Partial<LiveLimits>;
}

/** A document that failed in validation, and the schema that it was validated against. */
export interface InvalidDocument<Context> {
  readonly document: DocumentNode;
  readonly schema: GraphQLSchema;
  readonly context: Context;
}

/** What a connection and its subscriptions work with. */
export interface LiveParts<Context extends BaseContext> extends LiveOptions<Context>, DocumentOptions {
  readonly schema: GraphQLSchema | ((context: Context) => GraphQLSchema);
  readonly formatError: FormatError;
  readonly requestScope: RequestScope;
  readonly log: FastifyBaseLogger;
  /** Does so much at a time: events never take the whole database from requests. */
  readonly limitWork: <Result>(work: () => Promise<Result>) => Promise<Result>;
}
