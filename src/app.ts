import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { guardSchema, type Policy, readPolicy } from './access/index.ts';
import { createAccessTokens } from './auth/access-token.ts';
import { createAuth } from './auth/auth.ts';
import { createPasswordHasher, type PasswordHasher } from './auth/passwords.ts';
import type { Viewer } from './auth/viewer.ts';
import type { Config } from './config.ts';
import { createContext, type RequestContext } from './context.ts';
import { type Database, openEmbedded, openServer } from './database/database.ts';
import type { Progress } from './database/migrate.ts';
import { seedBuiltInRoles, seedDemo } from './database/seed/seed.ts';
import { createHttpServer } from './http/server.ts';
import { createCursors } from './paging/cursor.ts';
import { builtInRoles } from './roles/built-in-roles.ts';
import { buildSchema } from './schema.ts';
import { demoSecret, deriveKey } from './secrets.ts';

/** A server that is ready to listen. */
export interface App {
  readonly config: Config;
  readonly database: Database;
  /** The guarded schema. */
  readonly schema: GraphQLSchema;
  readonly policy: Policy;
  readonly http: FastifyInstance;
  /** The context of an operation of the viewer, for whoever runs it without HTTP. Close its `unit` at the end. */
  contextOf(viewer: Viewer): RequestContext;
  readonly auth: RequestContext['auth'];
  /** Lets what runs come to its end, then closes everything. Idempotent. */
  close(): Promise<void>;
}

/** What the edges of the process hand in. */
export interface AppEdges {
  readonly log: Logger;
  readonly progress: Progress;
  readonly now: () => Date;
  /** Opens the database instead of what the configuration names: for tests. */
  readonly openDatabase?: () => Promise<Database>;
  readonly hasher?: PasswordHasher;
}

function openConfigured({ database, dataDir, production }: Config, { progress, now }: AppEdges): Promise<Database> {
  return database === null
    ? openEmbedded({ dataDir, holder: 'npm start', now: now() }, { progress })
    : openServer({ url: database.url, adminUrl: database.adminUrl, production }, { progress });
}

/** Ends the reading transaction of each operation. Nobody waits for it: a read-only transaction cannot fail to commit. */
function closesUnitOfWork(log: Logger): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ contextValue }) => {
        contextValue.unit.close().catch((error: unknown) => log.warn({ err: error }, 'A transaction did not end well'));
      },
    }),
  };
}

/**
 * Wires a server: the only place where its parts meet.
 *
 * @throws {PolicyError} when the schema leaves a door undecided
 * @throws {DataFolderInUse} when another process holds the embedded database
 */
export async function createApp(config: Config, edges: AppEdges): Promise<App> {
  const { log, now, hasher = createPasswordHasher() } = edges;
  const plain = buildSchema();
  const policy = readPolicy(plain);
  const database = await (edges.openDatabase ?? (() => openConfigured(config, edges)))();
  try {
    await seedBuiltInRoles(database.run, builtInRoles(plain));
    if (config.demoData) {
      await seedDemo(database.run, (password) => hasher.hash(password), edges.progress);
    }
    const [secret, ...olderSecrets] = config.jwt.secrets;
    const first = secret ?? demoSecret(config.dataDir);
    const tokens = createAccessTokens({
      secrets: [first, ...olderSecrets],
      issuer: config.jwt.issuer,
      audience: config.jwt.audience,
      minutes: config.accessTokenMinutes,
      now,
    });
    const auth = createAuth({ database, tokens, hasher });
    const cursors = createCursors(deriveKey(first, 'cursor'));
    const schema = guardSchema<RequestContext>(plain, { policy, viewer: ({ viewer }) => viewer });
    const contextOf = (viewer: Viewer): RequestContext => createContext({ database, cursors, auth }, viewer);
    const http = await createHttpServer<RequestContext>({
      config,
      schema,
      log,
      context: async (request) => contextOf(await auth.authenticate(request.raw)),
      ready: () => database.isReachable(),
      plugins: [closesUnitOfWork(log)],
    });
    const close = async (): Promise<void> => {
      await http.close();
      await database.close();
    };
    let closing: Promise<void> | null = null;
    return { config, database, schema, policy, http, contextOf, auth, close: () => (closing ??= close()) };
  } catch (error) {
    await database.close();
    throw error;
  }
}
