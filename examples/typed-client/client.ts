import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type FormattedExecutionResult, type GraphQLFormattedError, print } from 'graphql';
import { createClient } from 'graphql-ws';
import { LoginDocument, LogoutDocument, RefreshDocument } from './generated/graphql.ts';

/** The codes with which the server refuses. Clients switch on codes; messages may change. */
export type Code =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

/** Part of an answer that is not there, and why. */
export interface Refusal {
  readonly code: Code | undefined;
  /** The place in the data, joined by dots. */
  readonly path: string;
  readonly message: string;
}

/** An operation that did not succeed in all its parts. */
export class Refused extends Error {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[]) {
    super(refusals.map(({ path, code, message }) => `${path}: ${message} (${code})`).join('; '));
    this.name = 'Refused';
    this.refusals = refusals;
  }

  /** Reports if the error is a refusal with this code and no other. */
  static is(error: unknown, code: Code): error is Refused {
    return error instanceof Refused && error.refusals.every((refusal) => refusal.code === code);
  }
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** The code of a WebSocket that was closed since its credential is no good, or no longer. */
const UNAUTHORIZED = 4401;

/** A signed-in user. */
export class Session {
  readonly #url: string;
  #tokens: Tokens | null = null;
  #refreshing: Promise<void> | null = null;
  /** The number of times the access token was renewed. */
  refreshed = 0;

  private constructor(url: string) {
    this.#url = url;
  }

  /** @throws {Refused} UNAUTHENTICATED when the password is wrong */
  static async open(url: string, login: string, password: string): Promise<Session> {
    const session = new Session(url);
    const { login: tokens } = await session.run(LoginDocument, { login, password });
    session.#tokens = tokens ?? null;
    return session;
  }

  async close(): Promise<void> {
    await this.run(LogoutDocument, {});
    this.#tokens = null;
  }

  /** The data of an operation that succeeds in all its parts. @throws {Refused} */
  async run<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    const { data, refusals } = await this.try(document, variables);
    if (refusals.length > 0 || data === null) {
      throw new Refused(refusals);
    }
    return data;
  }

  /** Runs an operation. Returns the data and the refusals: siblings of a denied field still resolve. */
  async try<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<{ readonly data: Data | null; readonly refusals: readonly Refusal[] }> {
    await this.#refreshing;
    const used = this.#tokens;
    const { status, answer } = await this.#post(document, variables, used);
    if (status !== 401 || used === null) {
      return answer;
    }
    await this.#refresh(used);
    return (await this.#post(document, variables, this.#tokens)).answer; // nothing of it has run before
  }

  /** Yields the results of a subscription, until the consumer stops. Connects again when the token has expired. */
  async *subscribe<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncGenerator<Data, void> {
    const client = createClient({
      url: this.#url.replace(/^http/, 'ws'),
      connectionParams: () => ({ authorization: `Bearer ${this.#tokens?.accessToken}` }),
    });
    try {
      for (;;) {
        const used = this.#tokens;
        try {
          for await (const { data } of client.iterate<Data>({ query: print(document), variables })) {
            if (data) {
              yield data;
            }
          }
          return;
        } catch (error) {
          if ((error as Partial<CloseEvent>).code !== UNAUTHORIZED) {
            throw error;
          }
          await this.#refresh(used); // what happened meanwhile was not told: read again what must be known
        }
      }
    } finally {
      await client.dispose();
    }
  }

  async #post<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    tokens: Tokens | null,
  ) {
    const authorization = tokens === null ? {} : { authorization: `Bearer ${tokens.accessToken}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    const body = JSON.stringify({ query: print(document), variables });
    const response = await fetch(this.#url, { method: 'POST', headers, body });
    const { data, errors = [] } = (await response.json()) as FormattedExecutionResult<Data>;
    return { status: response.status, answer: { data: data ?? null, refusals: errors.map(refusalOf) } };
  }

  /** Renews tokens that have expired: once, for all who find that out at the same time. @throws {Refused} */
  async #refresh(expired: Tokens | null): Promise<void> {
    if (this.#tokens === expired) {
      this.#refreshing ??= this.#renew(expired?.refreshToken ?? '').finally(() => {
        this.#refreshing = null;
      });
    }
    await this.#refreshing;
  }

  async #renew(refreshToken: string): Promise<void> {
    const { answer } = await this.#post(RefreshDocument, { refreshToken }, null);
    this.#tokens = answer.data?.refreshSession ?? null;
    this.refreshed += 1;
    if (this.#tokens === null) {
      throw new Refused(answer.refusals); // the session has ended: sign in again
    }
  }
}

function refusalOf({ message, path = [], extensions }: GraphQLFormattedError): Refusal {
  return { code: extensions?.['code'] as Code | undefined, path: path.join('.'), message };
}
