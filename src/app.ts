import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Policy } from './access/index.ts';
import type { Auth } from './auth/auth.ts';
import { createPasswordHasher } from './auth/passwords/hashing.ts';
import type { SessionCookie } from './auth/dependencies.ts';
import { serializeCookie, serializeSignInCookie, signInCookieName } from './auth/strategies/session-cookie.ts';
import { presentedCredentials } from './auth/strategies/strategy.ts';
import type { Config } from './config/config.ts';
import { createContext, type RequestContext, type SharedContext } from './context.ts';
import { followClock } from './database/clock.ts';
import { type Database, openEmbedded, openServer } from './database/database.ts';
import { followLiveEvents } from './database/events/live-events.ts';
import { compileEmbedded } from './database/orm.ts';
import type { EngineChange } from './database/embedded-engine.ts';
import type { ReplicaListener } from './database/replicas.ts';
import { demoLogins } from './database/seed/demo-data.ts';
import { seedBuiltInRoles, seedDemo } from './database/seed/seed.ts';
import type { Pipeline } from './graphql/pipeline.ts';
import { Budget } from './http/budget.ts';
import type { LoadFigures } from './http/load.ts';
import { createHttpServer, type FinishSignIn } from './http/server.ts';
import type { Client, Viewer } from './lib/viewer.ts';
import { createPost } from './lib/post.ts';
import { createAddressCheck } from './lib/network.ts';
import { createRequestScope } from './lib/request-scope.ts';
import { demoSecret, deriveKey } from './lib/secrets.ts';
import { createAuditSigner } from './modules/audit/seal.ts';
import { createAuditVerifier } from './modules/audit/verify.ts';
import { type AuditTrail, startAuditTrail } from './modules/audit/sealer.ts';
import { builtInRoles, buildSchema } from './schema.ts';
import { startWebhooks, type Webhooks } from './modules/webhooks/sender.ts';
import { createCursors } from './paging/cursor.ts';
import { plugins } from './plugins.ts';
import type { LiveCounts } from './sockets/options.ts';
import { wireAuth, type AppEdges } from './wiring/auth.ts';
import { Counters, hasMetrics, startMetrics } from './wiring/figures.ts';
import {
  guard,
  logDenials,
  readDocumentOf,
  wirePipeline,
  closeUnit,
  wireLive,
  wireDocuments,
} from './wiring/operations.ts';

/** The files of `npm run build:console`: beside the sources, and beside a built server's. */
const CONSOLE = fileURLToPath(new URL('../console/dist', import.meta.url));

/** A server that is ready to listen. */
export interface App {
  readonly config: Config;
  readonly database: Database;
  /** The guarded schema. */
  readonly schema: GraphQLSchema;
  readonly policy: Policy;
  /** The stages in which every operation is answered. */
  readonly pipeline: Pipeline<RequestContext>;
  /** Reloads the documents that operators have published. */
  readonly refreshDocuments: () => Promise<void>;
  readonly http: FastifyInstance;
  /** Creates the context of an operation of the viewer, to run it without HTTP. Close its `unit` at the end. */
  readonly contextOf: (viewer: Viewer, client: Client) => RequestContext;
  readonly auth: Auth;
  readonly audit: AuditTrail;
  readonly webhooks: Webhooks;
  /** Returns the number of connections and subscriptions. */
  readonly liveCounts: () => LiveCounts;
  /** Lets in-flight requests finish, then closes everything. Idempotent. */
  close(): Promise<void>;
  /** Reports that the server is no longer ready, serves for `delay` milliseconds, then closes. */
  stop(delay: number): Promise<void>;
}

function openConfigured(
  { database, dataDir, production }: Config,
  { progress, now, log }: AppEdges,
  engine: Promise<WebAssembly.Module> | undefined,
): Promise<Database> {
  return database === null
    ? openEmbedded({ dataDir, holder: 'npm start', now: now(), engine }, { progress })
    : openServer({ ...database, production }, { progress, onReplica: (change) => logReplica(log, change) });
}

function logReplica(log: AppEdges['log'], { replica, isUsed, reason }: Parameters<ReplicaListener>[0]): void {
  if (isUsed) {
    log.info({ replica }, 'A read replica is used');
  } else {
    log.warn({ replica, reason }, 'A read replica is left out');
  }
}

function logEngine(log: AppEdges['log'], { isUp, reason }: EngineChange): void {
  if (isUp) {
    log.warn('The embedded database runs again');
  } else {
    log.error({ err: reason }, 'The engine of the embedded database has failed: the server restarts it');
  }
}

/** Returns the client of a request. */
function clientOf(request: FastifyRequest, reply: FastifyReply, cookie: SessionCookie): Client {
  return {
    address: request.ip,
    device: request.headers['user-agent'] ?? 'unknown',
    setSessionCookie: (value, expiresAt) => void reply.header('set-cookie', serializeCookie(cookie, value, expiresAt)),
    setSignInCookie: (value, validFor) =>
      void reply.header('set-cookie', serializeSignInCookie(cookie, value, validFor)),
  };
}

/** Returns the release of this server. The package.json is beside the sources, and beside the files of a build. */
export function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/**
 * Wires a server: the only place where its parts meet.
 *
 * @throws {PolicyError} if the schema leaves a field undecided
 * @throws {DataFolderInUse} if another process holds the embedded database
 */
export async function createApp(config: Config, edges: AppEdges): Promise<App> {
  const { log, hasher = createPasswordHasher() } = edges;
  const engine = edges.openDatabase === undefined && config.database === null ? compileEmbedded() : undefined;
  const plain = buildSchema();
  const { schema, policy } = guard(plain);
  const database = await (edges.openDatabase ?? (() => openConfigured(config, edges, engine)))();
  const figures = hasMetrics(config) ? new Counters() : null;
  try {
    await seedBuiltInRoles(database.run, builtInRoles(schema));
    if (config.demoData) {
      await seedDemo(database.run, (password) => hasher.hash(password), edges.progress);
    }
    const [first = demoSecret(config.dataDir), ...older] = config.jwt.secrets;
    const auth = await wireAuth(config, edges, database, policy, [first, ...older], figures?.onLogin);
    database.onEngineChange((change) => {
      logEngine(log, change);
      // A change of access may have been committed although its request got no response.
      if (change.isUp) {
        auth.version.refresh().catch((error: unknown) => log.warn({ err: error }, 'The access version was not read'));
      }
    });
    const signer = createAuditSigner([first, ...older]);
    const audit = startAuditTrail({ ...edges, database, signer });
    const post = createPost(createAddressCheck(config.webhookAllowedNetworks));
    const webhooks = startWebhooks({ ...edges, database, post, onAttempt: figures?.onWebhook });
    const stopFollowingClock = followClock({ ...edges, database });
    const verifyAudit = createAuditVerifier({ signer });
    const denials = figures?.countingDenials(audit.denials) ?? audit.denials;
    const live = await followLiveEvents({ database, log });
    const counters: (() => LiveCounts)[] = [];
    const liveCounts = (): LiveCounts => counters[0]?.() ?? { sockets: 0, subscriptions: 0 };
    const requestScope = createRequestScope();
    const budget = new Budget(config.budget);
    const pipeline = wirePipeline(config, policy, log, requestScope, budget, figures?.onError);
    const documents = await wireDocuments(config, policy, database, log, requestScope);
    const cursors = createCursors(deriveKey(first, 'cursor'));
    const shared: SharedContext = {
      cursors,
      auth,
      denials: logDenials(denials, log, requestScope),
      verifyAudit,
      live: live.events,
      policy,
      settings: config,
      now: edges.now,
      readDocument: readDocumentOf(pipeline, schema),
    };
    const contextOf = (viewer: Viewer, client: Client): RequestContext =>
      createContext(database, shared, viewer, client);
    const finishSignIn: FinishSignIn = async (request, reply) => {
      const client = clientOf(request, reply, auth.cookie);
      budget.chargeRequest(request, client.address);
      const query = (request.raw.url ?? '').replace(/^[^?]*\??/, '');
      const token = presentedCredentials(request.raw).cookie(signInCookieName(auth.cookie));
      return auth.issuerSignIns.finish(client, { issuer: request.params.issuer, query, token });
    };
    const stopping = new AbortController();
    const version = readVersion();
    const loads: (() => LoadFigures)[] = [];
    const http = await createHttpServer<RequestContext>({
      config,
      pipeline,
      documents,
      requestScope,
      log,
      context: async (request, reply) => {
        const client = clientOf(request, reply, auth.cookie);
        budget.chargeRequest(request, client.address);
        const viewer = await auth.authenticate({ rawHeaders: request.raw.rawHeaders, client });
        budget.chargeViewer(request, viewer.id, client.address);
        return contextOf(viewer, client);
      },
      ...(config.signInIssuers.length > 0 && { finishSignIn }),
      live: wireLive({
        config,
        auth,
        contextOf,
        log,
        now: edges.now,
        onCounts: (counts) => void counters.push(counts),
      }),
      finish: (context) => closeUnit(context, log),
      ready: () => database.isReachable(),
      replicas: database.replicas,
      stopping: stopping.signal,
      version,
      onLoad: (read) => void loads.push(read),
      logins: config.demoData ? demoLogins : [],
      consoleFolder: CONSOLE,
      plugins: edges.plugins ?? plugins,
      isInstrumented: edges.isInstrumented,
    });
    budget.announce(http);
    const load = (): LoadFigures | null => loads[0]?.() ?? null;
    const { executions } = pipeline;
    const { outcomes } = documents.documents;
    const sources = { database, load, live: liveCounts, executions, documents: outcomes, now: edges.now, version };
    const stopMetrics = await startMetrics(config, http, version, figures?.figures(sources) ?? []);
    const close = async (): Promise<void> => {
      await http.close();
      await stopMetrics();
      documents.stop();
      stopFollowingClock();
      await live.stop();
      await webhooks.stop();
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
      refreshDocuments: documents.refresh,
      http,
      contextOf,
      auth,
      audit,
      webhooks,
      liveCounts,
      close: closeOnce,
      stop,
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
