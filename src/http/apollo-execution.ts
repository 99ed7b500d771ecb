import {
  type ApolloServer,
  type ApolloServerPlugin,
  type BaseContext,
  type GraphQLRequestContext,
  type GraphQLRequestContextExecutionDidStart,
  type GraphQLRequestContextResponseForOperation,
  type GraphQLRequestExecutionListener,
  type GraphQLRequestListener,
  type GraphQLResponse,
  HeaderMap,
} from '@apollo/server';
import type { DocumentNode, ExecutionResult, FormattedExecutionResult, GraphQLSchema } from 'graphql';
import type { GraphQLRequest, Pipeline } from '../graphql/pipeline.ts';
import type { Outcomes } from './fast-path.ts';

type Gateway = NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

/** The execution stage of an Apollo Server. */
export interface ApolloExecution<Context extends BaseContext> {
  /** Executes operations: Apollo Server takes an executor from nothing else. */
  readonly gateway: Gateway;
  /** The last plugin of the server. */
  readonly plugin: ApolloServerPlugin<Context>;
  /** Returns the plugin in a form that tells if it follows executions. */
  readonly watch: (plugin: ApolloServerPlugin<Context>) => ApolloServerPlugin<Context>;
}

/**
 * Creates the execution stage for a schema.
 *
 * Apollo Server copies each request for a gateway, and negotiates media types a second time: a page of 20 rows takes less
 * processor time. Its hook `responseForOperation` comes directly before. So an operation is executed in that hook, after
 * those of all other plugins, unless one of them has the hook `executionDidStart`, which Apollo Server then passes over.
 * A result with errors is handed to the executor, so that Apollo Server tells plugins of the errors, and formats them.
 *
 * @param outcomes those of requests whose operation may have been executed before Apollo Server took over
 * @param mayBeFollowed reports if a plugin that is not watched may have the hook `executionDidStart`; asked once, as soon
 *   as the server runs
 */
export function createExecution<Context extends BaseContext>(
  schema: GraphQLSchema,
  pipeline: Pipeline<Context>,
  outcomes: Outcomes,
  mayBeFollowed: () => boolean,
): ApolloExecution<Context> {
  let isFollowed: boolean | null = null;
  const listeners = new Listeners<Context>();
  const release = createRelease<Context>();
  /** The executions whose results have errors, by the context of the operation. */
  const failed = new WeakMap<object, Promise<ExecutionResult>>();

  function execute(
    document: DocumentNode,
    contextValue: unknown,
    { operationName = null, variables }: Omit<GraphQLRequest, 'query'>,
  ): Promise<ExecutionResult> {
    return pipeline.execute({ schema, document, contextValue, operationName, variableValues: variables ?? {} });
  }

  async function respond(request: GraphQLRequestContextResponseForOperation<Context>): Promise<GraphQLResponse | null> {
    const outcome = request.request.http && outcomes.get(request.request.http);
    if (outcome !== undefined && 'execution' in outcome) {
      failed.set(request.contextValue, outcome.execution);
      return null;
    }
    const operation: unknown = request.operation; // undefined where none has the name that is asked for
    isFollowed ??= mayBeFollowed();
    if (isFollowed || operation === undefined || listeners.followExecution(request)) {
      return null;
    }
    const execution = execute(request.document, request.contextValue, request.request);
    const result = await execution.catch(() => null);
    if (result === null || result.errors !== undefined) {
      failed.set(request.contextValue, execution);
      return null;
    }
    // With a property for errors, as Apollo Server makes it.
    const singleResult = { ...result, errors: undefined } as object as FormattedExecutionResult;
    return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult } };
  }

  const listener: GraphQLRequestListener<Context> = {
    responseForOperation: respond,
    executionDidStart: release.executionDidStart,
  };
  return {
    gateway: createGateway(schema, ({ document, request, context }) => {
      release.restore();
      return failed.get(context) ?? execute(document, context, request);
    }),
    plugin: { requestDidStart: async () => listener },
    watch: (plugin) => listeners.watch(plugin),
  };
}

/** The listeners that watched plugins have for the requests that are being answered. */
class Listeners<Context extends BaseContext> {
  readonly #ofRequest = new WeakMap<object, GraphQLRequestListener<Context>[]>();

  /** Returns the plugin, with its own `this` in every hook, and a note of the listener that it has for each request. */
  watch(plugin: ApolloServerPlugin<Context>): ApolloServerPlugin<Context> {
    // The target is not the plugin: a proxy must return the properties of a frozen target as they are.
    return new Proxy<ApolloServerPlugin<Context>>(
      {},
      {
        has: (_target, name) => name in plugin,
        get: (_target, name) => {
          const value: unknown = Reflect.get(plugin, name);
          if (typeof value !== 'function') {
            return value;
          }
          return name === 'requestDidStart' ? this.#startOf(plugin) : (value.bind(plugin) as unknown);
        },
      },
    );
  }

  /** Reports if a watched plugin has the hook `executionDidStart` for the request. */
  followExecution(request: object): boolean {
    return this.#ofRequest.get(request)?.some((listener) => listener.executionDidStart !== undefined) === true;
  }

  #startOf(plugin: ApolloServerPlugin<Context>): ApolloServerPlugin<Context>['requestDidStart'] {
    return (request) => {
      const started = plugin.requestDidStart?.(request);
      // Apollo Server awaits it: plugins in JavaScript may return a listener without a promise.
      const later = Promise.resolve(started);
      later.then(
        (listener) => this.#note(request, listener),
        () => undefined, // Apollo Server reports it.
      );
      return later;
    };
  }

  #note(request: object, listener: GraphQLRequestListener<Context> | void): void {
    if (listener) {
      const known = this.#ofRequest.get(request) ?? [];
      known.push(listener);
      this.#ofRequest.set(request, known);
    }
  }
}

/**
 * Lets the memory of a response go once it has been sent. Apollo Server 5 copies each request for its gateway, and keeps
 * the copy in an object with accessors of its own, which V8 holds until the next full garbage collection: with the copy the
 * response, and all rows in it. Collections then take a quarter of the processor time of a page of 200 rows. So the copy
 * is made while the request has another response; no hook runs between that and `restore`.
 */
function createRelease<Context extends BaseContext>() {
  let copied: { readonly request: GraphQLRequestContext<Context>; readonly response: object } | null = null;

  class BeforeCopy implements GraphQLRequestExecutionListener<Context> {
    #request: GraphQLRequestContext<Context> | null;

    constructor(request: GraphQLRequestContext<Context>) {
      this.#request = request;
    }

    /** A hook that is not there. Apollo reads it after the hooks of all plugins, and then makes the copy. */
    get willResolveField(): never {
      const request = this.#request;
      this.#request = null;
      if (request !== null) {
        const { response } = request;
        copied = { request, response };
        Object.assign(request, { response: { http: response.http } });
      }
      return undefined as never;
    }
  }

  /** A hook of the last plugin, whose listener Apollo reads first. */
  const executionDidStart = async (
    request: GraphQLRequestContextExecutionDidStart<Context>,
  ): Promise<GraphQLRequestExecutionListener<Context>> => new BeforeCopy(request);
  const restore = (): void => {
    if (copied !== null) {
      const { request, response } = copied;
      copied = null;
      Object.assign(request, { response });
    }
  };
  return { executionDidStart, restore };
}

/** Creates the gateway for a schema, which has no other function than to execute. */
function createGateway(schema: GraphQLSchema, executor: GatewayExecutor): Gateway {
  return {
    onSchemaLoadOrUpdate: (load) => {
      // Plugins read a supergraph as a sign of federation.
      load({ apiSchema: schema } as Parameters<typeof load>[0]);
      return () => undefined;
    },
    load: async () => ({ executor }),
    stop: async () => undefined,
  };
}
