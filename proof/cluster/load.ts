import { setTimeout as sleep } from 'node:timers/promises';

/** The clients that write, and those that refresh their sessions. */
export const WRITERS = 6;
const REFRESHERS = 2;

/** An answer, as far as it is read here. */
interface Answer {
  readonly data?: Readonly<Record<string, Readonly<Record<string, string>> | null>> | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

/** An answer, and the position of the client's writes. */
export interface Outcome extends Answer {
  readonly position: string | null;
}

/** Sends an operation to `/graphql` of an origin. Resolves with null if no answer of a server came. */
export async function ask(
  origin: string,
  query: string,
  variables: object,
  headers: Readonly<Record<string, string>>,
): Promise<Outcome | null> {
  try {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(15_000),
    });
    const answer = (await response.json()) as Answer;
    return { ...answer, position: response.headers.get('rolegate-position') };
  } catch {
    return null;
  }
}

/** The tokens of a session. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Signs a demo user in. @throws Error if that fails */
export async function signIn(origin: string, login: string): Promise<Tokens> {
  const query =
    'mutation ($login: String!, $password: String!) { login(login: $login, password: $password) { accessToken refreshToken } }';
  const answer = await ask(origin, query, { login, password: `rolegate-demo-${login}` }, {});
  const { accessToken = '', refreshToken = '' } = answer?.data?.['login'] ?? {};
  if (accessToken === '') {
    throw new Error(`${login} cannot sign in: ${JSON.stringify(answer)}`);
  }
  return { accessToken, refreshToken };
}

export const bearer = ({ accessToken }: Tokens): Record<string, string> => ({ authorization: `Bearer ${accessToken}` });
const isRefused = (answer: Outcome | null): boolean =>
  answer?.errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED') === true;

/** Clients that work without a pause, and what they have seen. */
export class Load {
  readonly acknowledged: string[] = [];
  /** The times of acknowledged writes. */
  readonly at: number[] = [];
  failed = 0;
  readBack = 0;
  olderThanOwnWrite = 0;
  refreshes = 0;
  loggedOut = 0;
  readonly #origin: string;
  #isOver = false;
  #work: Promise<void>[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  async start(): Promise<void> {
    const writers = await Promise.all(Array.from({ length: WRITERS }, () => signIn(this.#origin, 'developer')));
    const refreshers = await Promise.all(Array.from({ length: REFRESHERS }, () => signIn(this.#origin, 'manager')));
    this.#work = [
      ...writers.map((tokens) => this.#write(tokens)),
      ...refreshers.map((tokens) => this.#refresh(tokens)),
    ];
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#work);
  }

  async #write(tokens: Tokens): Promise<void> {
    const create = 'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { id } }';
    const read = 'query ($id: ID!) { document(id: $id) { id } }';
    while (!this.#isOver) {
      const written = await ask(this.#origin, create, { input: { title: 'Failover', content: 'x' } }, bearer(tokens));
      const id = written?.data?.['createDocument']?.['id'];
      this.loggedOut += isRefused(written) ? 1 : 0;
      if (id === undefined) {
        this.failed += 1;
        await sleep(100);
        continue;
      }
      this.at.push(performance.now());
      this.acknowledged.push(id);
      const headers = { ...bearer(tokens), 'rolegate-position': written?.position ?? '' };
      const answer = await ask(this.#origin, read, { id }, headers);
      if (answer?.data !== undefined && answer.errors === undefined) {
        this.readBack += 1;
        this.olderThanOwnWrite += answer.data?.['document']?.['id'] === id ? 0 : 1;
      } else {
        this.failed += 1;
        this.loggedOut += isRefused(answer) ? 1 : 0;
      }
    }
  }

  /** A client that got no answer tries again with the token that it has. */
  async #refresh(first: Tokens): Promise<void> {
    const query = 'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }';
    let { refreshToken } = first;
    while (!this.#isOver) {
      const answer = await ask(this.#origin, query, { token: refreshToken }, {});
      const next = answer?.data?.['refreshSession']?.['refreshToken'];
      this.loggedOut += isRefused(answer) ? 1 : 0;
      if (next !== undefined) {
        this.refreshes += 1;
        refreshToken = next;
      }
      await sleep(100);
    }
  }

  /** The longest time without an acknowledged write, in milliseconds. */
  get longestGap(): number {
    return Math.round(Math.max(...this.at.map((time, index) => time - (this.at[index - 1] ?? time))));
  }
}
