import type { ApolloServerPlugin } from '@apollo/server';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type FormattedExecutionResult, print } from 'graphql';
import { pino } from 'pino';
import { type App, createApp } from '../../src/app.ts';
import { getPrincipal, viewerOf } from '../../src/auth/principal.ts';
import { type Client, anonymous, type Viewer } from '../../src/lib/viewer.ts';
import { type Environment, readConfig } from '../../src/config/config.ts';
import type { RequestContext } from '../../src/context.ts';
import { authScope } from '../../src/database/scopes.ts';
import { demoLogins } from '../../src/database/seed/demo-data.ts';
import { loadRoleGraph } from '../../src/auth/role-graph.ts';
import type { GraphQLRequest } from '../../src/graphql/pipeline.ts';
import type { Role } from '../../src/generated/resolvers.ts';
import { Answer } from './answer.ts';
import type { Mail } from '../../src/auth/registration/mail.ts';
import type { PasswordHasher } from '../../src/auth/passwords/hashing.ts';
import type { Database, DatabaseHooks } from '../../src/database/database.ts';
import { openTestDatabase } from './database.ts';
import { createTestHasher } from './environment.ts';

export const TEST_SECRET = 'only-the-tests-sign-with-this-9f8e7d6c5b4a';

/** The viewer: a built-in role (the demo user that holds just that role), ANONYMOUS, or any user by name. */
export type Who = 'ANONYMOUS' | Role | (string & {});

/** An HTTP answer, with its body parsed. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly body: FormattedExecutionResult;
  /** The body as it was sent. */
  readonly text: string;
}

/** A viewer who sends operations. */
export interface Actor {
  /** Runs a document in the pipeline of the server, without HTTP: the plugins of Apollo Server are not called. */
  query<Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    ...variables: Given<Variables>
  ): Answer<Data>;
  query(document: string, variables?: object, operationName?: string): Answer<Record<string, unknown>>;
  /** Sends a document over HTTP, with the actor's access token. */
  request(document: DocumentNode | string, variables?: object): Promise<HttpAnswer>;
  viewer(): Promise<Viewer>;
  /** The actor's access token, as `login` hands it out: the same one every time. */
  token(): Promise<string>;
}

/** Variables may be left out where all of them are optional; a document of several operations needs a name. */
type Given<Variables> =
  Record<string, never> extends Variables
    ? [variables?: Variables, operationName?: string]
    : [variables: Variables, operationName?: string];

/** A server for tests, on a database of its own that holds the demo data. */
export interface TestApp extends App {
  as(who: Who): Actor;
  /**
   * The statements sent since the last `query` began to run, but for begin, context and commit, and for what the server
   * asks by itself to know whether rights have changed.
   */
  readonly statements: string[];
  /** The lines of the log, parsed. */
  readonly logged: Record<string, unknown>[];
  readonly clock: TestClock;
  /** The mails that have been sent. */
  readonly mails: Mail[];
  /** The hasher, which counts. */
  readonly hasher: PasswordHasher;
  post(body: object, headers?: Record<string, string>): Promise<HttpAnswer>;
}

/** The time, which stands still until a test moves it. */
export class TestClock {
  #now = new Date('2026-01-15T12:00:00.000Z');

  now = (): Date => this.#now;

  advance(seconds: number): void {
    this.#now = new Date(this.#now.getTime() + seconds * 1_000);
  }
}

export interface TestAppOptions {
  /** Variables beside those that the tests need. */
  readonly environment?: Environment;
  /** Opens the database; one of the app's own without it. */
  readonly openDatabase?: (hooks: DatabaseHooks) => Promise<Database>;
  /** Instead of weak hashes. */
  readonly hasher?: PasswordHasher;
  /** Apollo Server plugins, instead of those in `src/plugins.ts`. */
  readonly plugins?: ApolloServerPlugin<RequestContext>[];
}

/** The client of requests without HTTP. */
export const testClient: Client = {
  address: '127.0.0.1',
  device: 'tests',
  setSessionCookie: () => undefined,
  setSignInCookie: () => undefined,
};

/** The statements of every operation, and those that the server sends by itself twice a second. */
const BESIDES = /^select set_config\(|^set local role |^select [^;]* from access_version$/;
/** Tests seal when they want to: what happens beside them would show in their statements. */
const NEVER = 2 ** 31 - 1;

/** Makes a server for the tests of a file. Close it in `afterAll`. */
export async function createTestApp({
  environment = {},
  openDatabase = openTestDatabase,
  hasher = createTestHasher(),
  plugins,
}: TestAppOptions = {}): Promise<TestApp> {
  const config = readConfig({ LOG_LEVEL: 'info', JWT_SECRET: TEST_SECRET, DEMO_DATA: 'false', ...environment });
  const clock = new TestClock();
  const statements: string[] = [];
  const logged: Record<string, unknown>[] = [];
  const mails: Mail[] = [];
  const onStatement = (sql: string): void => {
    if (!BESIDES.test(sql)) {
      statements.push(sql);
    }
  };
  const log = pino({ level: config.logLevel }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const app = await createApp(config, {
    log,
    now: clock.now,
    sealInterval: NEVER,
    webhookInterval: NEVER,
    clockInterval: NEVER,
    progress: () => undefined,
    hasher,
    ...(plugins && { plugins }),
    mailer: { send: async (mail) => void mails.push(mail), close: async () => undefined },
    openDatabase: () => openDatabase({ progress: () => undefined, onStatement }),
  });
  const post = (body: object, headers: Record<string, string> = {}): Promise<HttpAnswer> =>
    sendOver(app, body, headers);
  const edges = { app, post, statements };
  return { ...app, clock, statements, logged, mails, hasher, post, as: (who) => actor(edges, who) };
}

async function sendOver(app: App, body: object, headers: Record<string, string>): Promise<HttpAnswer> {
  const response = await app.http.inject({ method: 'POST', url: '/graphql', headers, payload: body });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: response.json<FormattedExecutionResult>(),
    text: response.body,
  };
}

/** The parts of the test app that a viewer uses. */
interface Stage extends Pick<TestApp, 'post' | 'statements'> {
  readonly app: App;
}

function actor({ app, post, statements }: Stage, who: Who): Actor {
  const username = usernameOf(who);
  const viewer = (): Promise<Viewer> => (username === null ? Promise.resolve(anonymous) : viewerNamed(app, username));
  let signedIn: Promise<string> | null = null;
  const token = (): Promise<string> => (signedIn ??= signIn());
  const signIn = async (): Promise<string> => {
    if (username === null) {
      throw new Error('An anonymous viewer has no token');
    }
    const input = { login: username, password: `rolegate-demo-${username}` };
    const { unit } = app.contextOf(anonymous, testClient);
    const { accessToken } = await app.auth.signIns.login(unit, testClient, input);
    return accessToken;
  };
  return {
    viewer,
    token,
    query: <Data>(document: DocumentNode | string, variables: object = {}, operationName?: string) =>
      new Answer<Data>(document, async () => {
        const asking = await viewer();
        statements.length = 0;
        return run(app, asking, { query: document, variables: { ...variables }, operationName });
      }),
    request: async (document, variables = {}) =>
      post(
        { query: typeof document === 'string' ? document : print(document), variables },
        username === null ? {} : { authorization: `Bearer ${await token()}` },
      ),
  };
}

function usernameOf(who: Who): string | null {
  if (who === 'ANONYMOUS') {
    return null;
  }
  return demoLogins.find(({ role }) => role === who)?.username ?? who;
}

async function viewerNamed(app: App, username: string): Promise<Viewer> {
  return app.database.run(authScope, async (em) => {
    const [found] = await em.execute<{ id: string }[]>('select id from users where username = ?', [username]);
    const principal = found === undefined ? null : await getPrincipal(em, found.id);
    if (principal === null) {
      throw new Error(`There is no user ${username}`);
    }
    return viewerOf(principal, await loadRoleGraph(em), { credential: 'access token', activation: 'all' });
  });
}

async function run(app: App, viewer: Viewer, request: GraphQLRequest): Promise<FormattedExecutionResult> {
  const context = app.contextOf(viewer, testClient);
  try {
    return await app.pipeline.run(request, context);
  } finally {
    await context.unit.close();
  }
}
