import type { ApolloServerPlugin } from '@apollo/server';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { type Denial, guardSchema, type Policy, policyOf, visibleSchema } from './access/index.ts';
import { createAuditSigner } from './modules/audit/signer.ts';
import { type AuditTrail, startAuditTrail } from './modules/audit/trail.ts';
import { createAccessTokens } from './auth/tokens/access-token.ts';
import { followAccessVersion } from './auth/access-version.ts';
import { type Auth, createAuth } from './auth/auth.ts';
import type { Client } from './lib/client.ts';
import { createExternalIssuer } from './auth/oidc/issuer.ts';
import { createFirstAdmin } from './auth/registration/first-admin.ts';
import { createLogMailer, type Mailer } from './auth/registration/mail.ts';
import { createPasswordCheck } from './auth/passwords/check.ts';
import { createPasswordHasher, type PasswordHasher } from './auth/passwords/hashing.ts';
import type { AuthParts, SessionCookie } from './auth/dependencies.ts';
import { serializeCookie, sessionCookie } from './auth/sessions/cookie.ts';
import { createRefreshTokens } from './auth/tokens/refresh-token.ts';
import { isFromOwnPage } from './auth/sessions/allowed-origin.ts';
import type { Viewer } from './lib/viewer.ts';
import type { Config } from './config/config.ts';
import { createContext, type RequestContext } from './context.ts';
import { type Database, openEmbedded, openServer } from './database/database.ts';
import { compileEmbedded } from './database/orm.ts';
import type { Progress } from './database/migrate.ts';
import { demoLogins } from './database/seed/demo-data.ts';
import { seedBuiltInRoles, seedDemo } from './database/seed/seed.ts';
import { hiddenFieldsOf } from './graphql/hidden-fields.ts';
import { type InvalidDocument, Pipeline } from './graphql/pipeline.ts';
import { plugins } from './plugins.ts';
import { createRequestScope } from './lib/request-scope.ts';
import type { LiveCounts, LiveOptions } from './sockets/sockets.ts';
import type { Figures, MetricsServer } from './http/metrics.ts';
import { createHttpServer } from './http/server.ts';
import { followLiveEvents } from './database/events/live-events.ts';
import { createCursors } from './paging/cursor.ts';
import { builtInRoles } from './modules/roles/built-in-roles.ts';
import { buildSchema } from './schema.ts';
import { demoSecret, deriveKey } from './lib/secrets.ts';

/** A server that is ready to listen. */
export interface App {
  readonly config: Config;
  readonly database: Database;
  /** The guarded schema. */
  readonly schema: GraphQLSchema;
  readonly policy: Policy;
  /** The stages in which every operation is answered. */
  readonly pipeline: Pipeline<RequestContext>;
  readonly http: FastifyInstance;
  /** The context of an operation of the viewer, for whoever runs it without HTTP. Close its `unit` at the end. */
  readonly contextOf: (viewer: Viewer, client: Client) => RequestContext;
  readonly auth: Auth;
  readonly audit: AuditTrail;
  /** How many connections and subscriptions there are. */
  readonly liveCounts: () => LiveCounts;
  /** Lets requests in flight finish, then closes everything. Idempotent. */
  close(): Promise<void>;
  /** Reports that it is not ready any more, serves for so many milliseconds, then closes. */
  stop(delay: number): Promise<void>;
}

/** What the edges of the process hand in. */
export interface AppEdges {
  readonly log: Logger;
  readonly progress: Progress;
  readonly now: () => Date;
  /** Opens the database instead of what the configuration names: for tests. */
  readonly openDatabase?: () => Promise<Database>;
  readonly hasher?: PasswordHasher;
  readonly mailer?: Mailer;
  /** The Apollo Server plugins, instead of those in `plugins.ts`: for tests. */
  readonly plugins?: ApolloServerPlugin<RequestContext>[];
  /** How often the audit trail is sealed, in milliseconds, if not as it should be: for tests. */
  readonly sealInterval?: number;
}

function openConfigured(
  { database, dataDir, production }: Config,
  { progress, now }: AppEdges,
  engine: Promise<WebAssembly.Module> | undefined,
): Promise<Database> {
  return database === null
    ? openEmbedded({ dataDir, holder: 'npm start', now: now(), engine }, { progress })
    : openServer({ ...database, production }, { progress });
}

/** Ends the reading transaction of an operation. Nobody waits for it: a read-only transaction cannot fail to commit. */
function closeUnit({ unit }: RequestContext, log: Logger): void {
  unit.close().catch((error: unknown) => log.warn({ err: error }, 'A transaction did not end well'));
}

/** Where a request comes from. */
function clientOf(request: FastifyRequest, reply: FastifyReply, cookie: SessionCookie): Client {
  return {
    address: request.ip,
    device: request.headers['user-agent'] ?? 'unknown',
    setSessionCookie: (value, expiresAt) => void reply.header('set-cookie', serializeCookie(cookie, value, expiresAt)),
  };
}

/** What subscriptions work with. */
interface LiveWiring {
  readonly config: Config;
  readonly auth: Auth;
  readonly contextOf: App['contextOf'];
  readonly log: Logger;
  readonly onCounts: NonNullable<LiveOptions<RequestContext>['onCounts']>;
}

/** How subscriptions find out who asks: as requests do, and again whenever the access version has changed. */
function wireLive({ config, auth, contextOf, log, onCounts }: LiveWiring): LiveOptions<RequestContext> {
  const { cookie, version, now } = auth;
  return {
    now,
    onCounts,
    accessVersion: () => (version.isFresh ? version.version : null),
    isFromOwnPage: (source) => isFromOwnPage(source, config.corsOrigins, cookie),
    async identify({ rawHeaders, address, device }) {
      const client = { address, device, setSessionCookie: () => undefined };
      const viewer = await auth.authenticate({ rawHeaders, client });
      return {
        expiresAt: viewer.expiresAt,
        isAnonymous: viewer.id === null,
        open: () => {
          const context = contextOf(viewer, client);
          return { context, close: () => closeUnit(context, log) };
        },
      };
    },
  };
}

/** Counts a refusal for the audit trail. */
function onDenied({ viewerId, coordinate, code }: Denial, { client, denials }: RequestContext): void {
  denials.count({ actorId: viewerId, address: client.address, coordinate, code });
}

/** Counts each use of a hidden field as a denial. */
function countHidden(complete: GraphQLSchema, { document, schema, context }: InvalidDocument<RequestContext>): void {
  const { viewer, client, denials } = context;
  const code = viewer.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  for (const coordinate of hiddenFieldsOf(document, complete, schema)) {
    denials.count({ actorId: viewer.id, address: client.address, coordinate, code });
  }
}

/** The first signs, all verify. */
type Secrets = readonly [string, ...string[]];

const DAY = 24 * 3_600_000;

/** Wires authentication to what the configuration says. */
async function wireAuth(
  config: Config,
  edges: AppEdges,
  database: Database,
  policy: Policy,
  secrets: Secrets,
): Promise<Auth> {
  const { log, now, hasher = createPasswordHasher() } = edges;
  const { issuer, audience } = config.jwt;
  const checkPassword = createPasswordCheck({ serviceName: 'Rolegate' });
  if (config.firstAdmin !== null) {
    await createFirstAdmin(database.run, { hasher, checkPassword }, config.firstAdmin, now());
  }
  return createAuth({
    database,
    hasher,
    checkPassword,
    version: await followAccessVersion(database, (error) =>
      log.warn({ err: error }, 'the access version cannot be read'),
    ),
    tokens: createAccessTokens({
      secrets,
      issuer,
      audience,
      minutes: config.accessTokenMinutes,
      now,
    }),
    refreshTokens: createRefreshTokens(secrets.map((secret) => deriveKey(secret, 'refresh token'))),
    mailer: edges.mailer ?? (await mailerOf(config, log)),
    issuer: issuerOf(config, policy, edges),
    lifetime: { absolute: config.sessionDays * DAY, idle: config.sessionIdleDays * DAY },
    settings: config,
    cookie: sessionCookie(config.production || config.publicUrl?.startsWith('https:') === true),
    corsOrigins: config.corsOrigins,
    log,
    now,
  });
}

function issuerOf({ idp }: Config, { permissions }: Policy, { log, now }: AppEdges): AuthParts['issuer'] {
  if (idp === null) {
    return null;
  }
  const verifier = createExternalIssuer<string, string>({
    ...idp,
    permissions: new Set(permissions.keys()),
    now,
    onFetchFailed: (error) => log.warn({ err: error }, "the issuer's keys cannot be fetched"),
  });
  return { name: idp.issuer, verifier };
}

/** Serves metrics, if they are wanted. Not everybody loads what they need. */
async function startMetrics(
  { host, metricsPort }: Config,
  http: FastifyInstance,
  figures: Figures,
): Promise<MetricsServer | null> {
  if (metricsPort === null) {
    return null;
  }
  const { serveMetrics } = await import('./http/metrics.ts');
  return serveMetrics(http, host, metricsPort, figures);
}

/** The schema with its policy enforced. */
function guard(plain: GraphQLSchema): Pick<App, 'schema' | 'policy'> {
  const schema = guardSchema<RequestContext>(plain, { viewer: ({ viewer }) => viewer, onDenied });
  const policy = policyOf(schema);
  if (policy === null) {
    throw new TypeError('The schema has lost its policy');
  }
  return { schema, policy };
}

/**
 * Wires a server: the only place where its parts meet.
 *
 * @throws {PolicyError} when the schema leaves a field undecided
 * @throws {DataFolderInUse} when another process holds the embedded database
 */
export async function createApp(config: Config, edges: AppEdges): Promise<App> {
  const { log, hasher = createPasswordHasher() } = edges;
  const engine = edges.openDatabase === undefined && config.database === null ? compileEmbedded() : undefined;
  const { schema, policy } = guard(buildSchema());
  const database = await (edges.openDatabase ?? (() => openConfigured(config, edges, engine)))();
  try {
    await seedBuiltInRoles(database.run, builtInRoles(schema));
    if (config.demoData) {
      await seedDemo(database.run, (password) => hasher.hash(password), edges.progress);
    }
    const [first = demoSecret(config.dataDir), ...older] = config.jwt.secrets;
    const auth = await wireAuth(config, edges, database, policy, [first, ...older]);
    const signer = createAuditSigner([first, ...older]);
    const audit = startAuditTrail({ ...edges, database, signer });
    const { denials } = audit;
    const live = await followLiveEvents({ listen: database.listen, log });
    const counters: (() => LiveCounts)[] = [];
    const liveCounts = (): LiveCounts => counters[0]?.() ?? { sockets: 0, subscriptions: 0 };
    const cursors = createCursors(deriveKey(first, 'cursor'));
    const contextOf = (viewer: Viewer, client: Client): RequestContext =>
      createContext(
        {
          database,
          cursors,
          auth,
          denials,
          live: live.events,
          policy,
          now: edges.now,
        },
        viewer,
        client,
      );
    const requestScope = createRequestScope();
    const pipeline = new Pipeline<RequestContext>({
      schema: config.schemaVisibility === 'full' ? schema : ({ viewer }) => visibleSchema(policy, viewer),
      log,
      requestId: requestScope.id,
      onInvalid: config.schemaVisibility === 'full' ? undefined : (invalid) => countHidden(schema, invalid),
    });
    const stopping = new AbortController();
    const http = await createHttpServer<RequestContext>({
      config,
      pipeline,
      requestScope,
      log,
      context: async (request, reply) => {
        const client = clientOf(request, reply, auth.cookie);
        return contextOf(await auth.authenticate({ rawHeaders: request.raw.rawHeaders, client }), client);
      },
      live: wireLive({
        config,
        auth,
        contextOf,
        log,
        onCounts: (counts) => void counters.push(counts),
      }),
      finish: (context) => closeUnit(context, log),
      ready: () => database.isReachable(),
      stopping: stopping.signal,
      logins: config.demoData ? demoLogins : [],
      plugins: edges.plugins ?? plugins,
    });
    const metrics = await startMetrics(config, http, { live: liveCounts, executions: pipeline.executions });
    const close = async (): Promise<void> => {
      await http.close();
      await metrics?.close();
      await live.stop();
      await audit.stop();
      await auth.close();
      await database.close();
    };
    let closing: Promise<void> | null = null;
    const closeOnce = (): Promise<void> => (closing ??= close());
    const stop = async (delay: number): Promise<void> => {
      stopping.abort();
      await sleep(http.server.listening ? delay : 0);
      await closeOnce();
    };
    return {
      config,
      database,
      schema,
      policy,
      pipeline,
      http,
      contextOf,
      auth,
      audit,
      liveCounts,
      close: closeOnce,
      stop,
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Without SMTP a demo shows its mails in the log; anywhere else they would be secrets there. */
async function mailerOf({ demo, mail }: Config, log: Logger): Promise<Mailer> {
  if (mail !== null) {
    const { createSmtpMailer } = await import('./auth/registration/smtp.ts');
    return createSmtpMailer({ url: mail.smtpUrl, from: mail.from });
  }
  if (demo) {
    return createLogMailer({ info: (fields, message) => log.warn(fields, message) });
  }
  return {
    send: async () => log.warn('a mail was not sent: SMTP_URL is not set'),
    close: async () => undefined,
  };
}
