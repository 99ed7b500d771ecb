import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parseCookie, parseSetCookie } from 'cookie';
import type { TestApp } from './app.ts';
import { dataOf, type Headers, send } from './signed-in.ts';

/** The origin under which browsers reach the app. */
export const PUBLIC_URL = 'http://localhost:4000';

/** A page of the app that a browser was sent to. */
export interface Landing {
  readonly path: string;
  /** The reason why a sign-in came to nothing. */
  readonly error: string | null;
  /** The challenge of a second factor. */
  readonly challenge: string | null;
  /** The `Set-Cookie` headers of the response. */
  readonly cookies: readonly string[];
}

/** A mutation that begins something at an issuer. */
type BeginningDocument<Variables> = TypedDocumentNode<Record<string, unknown>, Variables>;

/** A browser that talks to an app and to issuers, and keeps their cookies apart. */
export class IssuerBrowser {
  readonly #app: TestApp;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(app: TestApp) {
    this.#app = app;
  }

  /** Returns the cookies for the app as a request carries them. */
  get headers(): Headers {
    return this.#headersFor(PUBLIC_URL);
  }

  /** Returns a browser with the same cookies, as a thief of them has. */
  copy(): IssuerBrowser {
    const copy = new IssuerBrowser(this.#app);
    this.#cookies.forEach((jar, origin) => copy.#cookies.set(origin, new Map(jar)));
    return copy;
  }

  /** Begins at an issuer. Returns the URL there. */
  async begin<Variables extends object>(
    document: BeginningDocument<Variables>,
    variables: Variables,
    headers: Headers = this.headers,
  ): Promise<string> {
    const answer = await send(this.#app, headers, document, ...([variables] as never));
    this.#keep(PUBLIC_URL, [answer.headers['set-cookie'] ?? []].flat().map(String));
    const [begun] = Object.values(dataOf(document as TypedDocumentNode<Record<string, unknown>, never>, answer));
    return (begun as { url: string }).url;
  }

  /** Follows a URL at an issuer until it sends the browser back. Returns that URL. */
  async follow(url: string): Promise<string> {
    let at = new URL(url);
    while (at.origin !== PUBLIC_URL) {
      const response = await fetch(at, { redirect: 'manual', headers: this.#headersFor(at.origin) });
      this.#keep(at.origin, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null) {
        throw new Error(`The issuer shows a page: ${response.status} ${await response.text()}`);
      }
      at = new URL(location, at);
    }
    return at.href;
  }

  /** Opens the URL that an issuer has sent the browser to, with the cookies that it has. */
  async comeBack(url: string): Promise<Landing> {
    const { pathname, search } = new URL(url);
    const { statusCode, headers } = await this.#app.http.inject({
      method: 'GET',
      url: pathname + search,
      headers: this.headers,
    });
    const cookies = [headers['set-cookie'] ?? []].flat();
    this.#keep(PUBLIC_URL, cookies);
    const location = URL.parse(headers.location ?? '');
    if (statusCode !== 303 || location?.origin !== PUBLIC_URL) {
      throw new Error(`The browser was sent elsewhere: ${statusCode} ${String(headers.location)}`);
    }
    const challenge = new URLSearchParams(location.hash.slice(1)).get('challenge');
    return { path: location.pathname, error: location.searchParams.get('sign_in_error'), challenge, cookies };
  }

  /** Begins, signs in at the issuer, and comes back. */
  async run<Variables extends object>(
    document: BeginningDocument<Variables>,
    variables: Variables,
    headers: Headers = this.headers,
  ): Promise<Landing> {
    return this.comeBack(await this.follow(await this.begin(document, variables, headers)));
  }

  #headersFor(origin: string): Headers {
    const cookies = [...(this.#cookies.get(origin) ?? [])];
    return cookies.length === 0 ? {} : { cookie: cookies.map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  #keep(origin: string, headers: readonly string[]): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    for (const header of headers) {
      const [[name, value] = ['', '']] = Object.entries(parseCookie(header.split(';', 1)[0] ?? ''));
      if (value === '' || value === undefined || parseSetCookie(header).maxAge === 0) {
        jar.delete(name);
      } else {
        jar.set(name, value);
      }
    }
  }
}
