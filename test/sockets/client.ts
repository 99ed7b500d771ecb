import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type FormattedExecutionResult, type GraphQLFormattedError, print } from 'graphql';
import { expect, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { TestApp, Who } from '../support/app.ts';

const PROTOCOL = 'graphql-transport-ws';

/** The options of a connection. */
export interface ConnectOptions {
  /** The parameters of the `connection_init` message. */
  readonly parameters?: Record<string, unknown>;
  /** The headers of the request to upgrade. */
  readonly headers?: Record<string, string>;
  readonly protocol?: string;
  /** False to leave out the `connection_init` message. */
  readonly hello?: boolean;
}

/** The code and the reason with which a connection was closed. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** Lets the server listen, once, and tells where: `ws://…/graphql`. */
export async function addressOf(app: TestApp): Promise<string> {
  if (!app.http.server.listening) {
    await app.http.listen({ port: 0, host: '127.0.0.1' });
  }
  return `ws://127.0.0.1:${(app.http.server.address() as AddressInfo).port}/graphql`;
}

/** One subscription, as the client sees it: answers in their order, then the end. */
export class Subscription<Data> {
  readonly #answers: FormattedExecutionResult<Data>[] = [];
  #errors: readonly GraphQLFormattedError[] | null = null;
  #isComplete = false;
  #wake: () => void = () => undefined;

  take({ type, payload }: Message): void {
    if (type === 'next') {
      this.#answers.push(payload as FormattedExecutionResult<Data>);
    } else if (type === 'error') {
      this.#errors = payload as GraphQLFormattedError[];
    } else {
      this.#isComplete = true;
    }
    this.#wake();
  }

  /** The next answer. */
  async answer(): Promise<FormattedExecutionResult<Data>> {
    await this.#until(() => this.#answers.length > 0);
    return this.#answers.shift() ?? {};
  }

  /** The next answer, or what it was refused with. */
  async outcome(): Promise<FormattedExecutionResult<Data>> {
    await this.#until(() => this.#answers.length > 0 || this.#errors !== null);
    return this.#answers.shift() ?? { errors: this.#errors ?? [] };
  }

  /** The data of the next answer, which has no errors. */
  async data(): Promise<Data> {
    const { data, errors } = await this.answer();
    if (errors !== undefined || data === null || data === undefined) {
      throw new Error(`Data was expected: ${JSON.stringify(errors)}`);
    }
    return data;
  }

  /** The errors with which the server refused it. */
  async errors(): Promise<readonly GraphQLFormattedError[]> {
    await this.#until(() => this.#errors !== null);
    return this.#errors ?? [];
  }

  /** Resolves when the server says that it is over. */
  complete(): Promise<void> {
    return this.#until(() => this.#isComplete);
  }

  /** The number of answers that were not read. */
  get unread(): number {
    return this.#answers.length;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A connection of a test, which tries again nothing. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly closed: Promise<Closing>;
  readonly #subscriptions = new Map<string, Subscription<unknown>>();
  #acknowledged = Promise.withResolvers<void>();

  constructor(url: string, { headers = {}, protocol = PROTOCOL }: ConnectOptions) {
    this.socket = new WebSocket(url, protocol, { headers });
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data) => this.#take(JSON.parse((data as Buffer).toString()) as Message));
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Reports if the server lets the connection open. */
  async opens(): Promise<boolean> {
    if (this.socket.readyState === this.socket.CONNECTING) {
      await Promise.race([once(this.socket, 'open'), this.closed]);
    }
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Says hello. Whether the server answers, before it closes. */
  async hello(parameters: Record<string, unknown> = {}): Promise<boolean> {
    if (!(await this.opens())) {
      return false;
    }
    this.send({ type: 'connection_init', payload: parameters });
    return Promise.race([this.#acknowledged.promise.then(() => true), this.closed.then(() => false)]);
  }

  subscribe<Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables> | DocumentNode | string,
    variables: object = {},
    operationName?: string,
  ): Subscription<Data> {
    const query = typeof document === 'string' ? document : print(document);
    return this.request({ query, variables, ...(operationName && { operationName }) });
  }

  /** Subscribes with this payload. */
  request<Data>(payload: object): Subscription<Data> {
    const id = String(this.#subscriptions.size + 1);
    const subscription = new Subscription<Data>();
    this.#subscriptions.set(id, subscription);
    this.send({ id, type: 'subscribe', payload });
    return subscription;
  }

  /** Ends a subscription from here. */
  cancel(number: number): void {
    this.send({ id: String(number), type: 'complete' });
  }

  async close(): Promise<void> {
    this.socket.close(1000);
    await this.closed;
  }

  #take(message: Message): void {
    if (message.type === 'connection_ack') {
      this.#acknowledged.resolve();
    } else if (message.id !== undefined) {
      this.#subscriptions.get(message.id)?.take(message);
    }
  }
}

/** Connects as a user, with their access token. */
export async function connectAs(app: TestApp, who: Who): Promise<TestSocket> {
  const parameters = who === 'ANONYMOUS' ? {} : { authorization: `Bearer ${await app.as(who).token()}` };
  return connect(await addressOf(app), { parameters });
}

/** Waits until so many subscriptions are open on the server. */
export function untilOpen(app: TestApp, subscriptions: number): Promise<void> {
  return vi.waitFor(() => expect(app.liveCounts().subscriptions).toBe(subscriptions), { timeout: 5_000, interval: 5 });
}

/** Waits for the close of a connection. Returns its code and reason, and the milliseconds until then. */
export async function closingOf(socket: TestSocket): Promise<Closing & { readonly after: number }> {
  const since = performance.now();
  return { ...(await socket.closed), after: performance.now() - since };
}

/** Connects to a server and says hello. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<TestSocket> {
  const socket = new TestSocket(url, options);
  await (options.hello === false ? socket.opens() : socket.hello(options.parameters));
  return socket;
}
