import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Logger } from 'pino';
import {
  type Denial,
  guardSchema,
  OperationError,
  type Policy,
  policyOf,
  visibleSchema,
  explainAccess,
} from '../access/index.ts';
import type { Config } from '../config/config.ts';
import type { RequestContext } from '../context.ts';
import type { Denials } from '../database/events/denials.ts';
import { LONGEST_RECORDED_NAME } from '../graphql/limits.ts';
import { type InvalidDocument, Pipeline } from '../graphql/pipeline.ts';
import type { Budget } from '../http/budget.ts';
import { actorIdOf, type Client, type Viewer } from '../lib/viewer.ts';
import type { RequestScope } from '../lib/request-scope.ts';
import { noteEvent } from '../lib/tracing.ts';
import type { Auth } from '../auth/auth.ts';
import { isFromAllowedOrigin } from '../auth/strategies/session-cookie.ts';
import type { LiveOptions } from '../sockets/options.ts';
import type { Database } from '../database/database.ts';
import { followTrustedDocuments } from '../database/trusted-documents.ts';
import { RequestDocuments } from '../graphql/request-documents.ts';
import type { DocumentOptions } from '../http/documents.ts';

/** Returns the schema with its policy enforced. */
export function guard(plain: GraphQLSchema): { readonly schema: GraphQLSchema; readonly policy: Policy } {
  const schema = guardSchema<RequestContext>(plain, { viewer: ({ viewer }) => viewer, onDenied });
  const policy = policyOf(schema);
  if (policy === null) {
    throw new TypeError('The schema has lost its policy');
  }
  return { schema, policy };
}

/** Wires the pipeline of operations to the schema that each viewer sees. */
export function wirePipeline(
  { schemaVisibility, traceResolversPercent }: Config,
  policy: Policy,
  log: Logger,
  requestScope: RequestScope,
  budget: Budget,
  onError?: (code: string) => void,
): Pipeline<RequestContext> {
  const { schema } = policy;
  const isComplete = schemaVisibility === 'full';
  return new Pipeline<RequestContext>({
    schema: isComplete ? schema : ({ viewer }) => visibleSchema(policy, { viewer }),
    log,
    requestId: requestScope.id,
    onError,
    traceResolvers: traceResolversPercent / 100,
    charge: ({ viewer, client }, cost) =>
      budget.chargeOperation({ viewerId: actorIdOf(viewer), address: client.address }, cost),
    onInvalid: isComplete ? undefined : (invalid) => countHidden(schema, invalid),
  });
}

/** Returns the function that parses and validates a document for the complete schema, to explain it. */
export function readDocumentOf(
  pipeline: Pipeline<RequestContext>,
  schema: GraphQLSchema,
): RequestContext['readDocument'] {
  return (text) => {
    const document = pipeline.parse(text);
    const errors = document instanceof GraphQLError ? [document] : pipeline.validate(schema, document);
    if (document instanceof GraphQLError || errors.length > 0) {
      throw new OperationError(errors);
    }
    return document;
  };
}

/** Returns the counter of denials that operations use, which also writes a line of the log for each. */
export function logDenials(
  counter: Pick<Denials, 'count'>,
  log: Logger,
  requestScope: RequestScope,
): RequestContext['denials'] {
  return {
    count: ({ operationName, ...refusal }) => {
      const { coordinate, code, actorId: viewerId } = refusal;
      const operation = operationName?.slice(0, LONGEST_RECORDED_NAME) ?? null;
      log.info({ requestId: requestScope.id(), operation, coordinate, viewerId, code }, 'denied');
      noteEvent('access.denied', { 'rolegate.coordinate': coordinate, 'error.type': code });
      counter.count(refusal);
    },
  };
}

function onDenied({ coordinate, code, operationName }: Denial, context: RequestContext): void {
  const { viewer, client, denials } = context;
  denials.count({ actorId: actorIdOf(viewer), address: client.address, coordinate, code, operationName });
}

/** Counts each use of a hidden field as a denial. A document of several operations has no name. */
function countHidden(complete: GraphQLSchema, { document, schema, context }: InvalidDocument<RequestContext>): void {
  const { viewer, client, denials } = context;
  const code = viewer.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  const operationName = getOperationAST(document)?.name?.value ?? null;
  for (const coordinate of hiddenFieldsOf(document, complete, schema)) {
    denials.count({ actorId: actorIdOf(viewer), address: client.address, coordinate, code, operationName });
  }
}

/**
 * Returns the coordinates of the fields that a document asks for, that the complete schema has, and that the visible part
 * of it lacks. To the client such a field does not exist: the document fails in validation, and no guard ever sees it.
 */
function hiddenFieldsOf(document: DocumentNode, complete: GraphQLSchema, visible: GraphQLSchema): Set<string> {
  const hidden = new Set<string>();
  const info = new TypeInfo(complete);
  const enter = (): void => {
    const parent = info.getParentType();
    const field = info.getFieldDef();
    if (parent && field && !field.name.startsWith('__') && !hasField(visible, parent.name, field.name)) {
      hidden.add(`${parent.name}.${field.name}`);
    }
  };
  visit(document, visitWithTypeInfo(info, { Field: { enter } }));
  return hidden;
}

function hasField(schema: GraphQLSchema, typeName: string, fieldName: string): boolean {
  const type = schema.getType(typeName);
  return (isObjectType(type) || isInterfaceType(type)) && fieldName in type.getFields();
}

/** The dependencies of {@link wireLive}. */
interface LiveWiring {
  readonly config: Config;
  readonly auth: Auth;
  readonly contextOf: (viewer: Viewer, client: Client) => RequestContext;
  readonly log: Logger;
  readonly now: () => Date;
  readonly onCounts: NonNullable<LiveOptions<RequestContext>['onCounts']>;
}

/** Wires subscriptions: they authenticate as requests do, and again whenever the access version has changed. */
export function wireLive({ config, auth, contextOf, log, now, onCounts }: LiveWiring): LiveOptions<RequestContext> {
  const { cookie, version } = auth;
  return {
    now,
    onCounts,
    accessVersion: () => (version.isFresh ? version.version : null),
    isFromAllowedOrigin: (source) => isFromAllowedOrigin(source, config.corsOrigins, cookie),
    async identify({ rawHeaders, address, device }) {
      const client = { address, device, setSessionCookie: () => undefined, setSignInCookie: () => undefined };
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

/** Ends the reading transaction of an operation. It is not awaited: a read-only transaction cannot fail to commit. */
export function closeUnit({ unit, loaders }: RequestContext, log: Logger): void {
  loaders.clear();
  unit.close().catch((error: unknown) => log.warn({ err: error }, 'A reading transaction could not be ended'));
}

/** The documents of a process, and the functions that follow what is published. */
export interface WiredDocuments extends DocumentOptions<RequestContext> {
  readonly refresh: () => Promise<void>;
  readonly stop: () => void;
}

/** The largest number of characters of a hash that are logged: a client may send any text. */
const LONGEST_HASH = 64;

/** Wires the documents that requests may name by a hash. Where they are off, nothing is read. */
export async function wireDocuments(
  { trustedDocuments: mode }: Config,
  policy: Policy,
  { run }: Database,
  log: Logger,
  requestScope: RequestScope,
): Promise<WiredDocuments> {
  const onError = (error: unknown): void => log.warn({ err: error }, 'Published documents cannot be read');
  const trusted =
    mode === 'off'
      ? { get: async () => undefined, refresh: async () => undefined, stop: () => undefined }
      : await followTrustedDocuments(run, onError);
  const documents = new RequestDocuments<RequestContext>(mode, trusted, ({ outcome, hash, context }) => {
    const viewerId = context && actorIdOf(context.viewer);
    log.info(
      { requestId: requestScope.id(), document: hash.slice(0, LONGEST_HASH), viewerId, outcome },
      'document denied',
    );
  });
  return { documents, isPublic: createIsPublic(policy), refresh: trusted.refresh, stop: trusted.stop };
}

/** Creates the function that reports if no field of an operation has a requirement, and the viewer is anonymous. */
function createIsPublic(policy: Policy): DocumentOptions<RequestContext>['isPublic'] {
  const known = new WeakMap<DocumentNode, Map<string | null, boolean>>();
  return ({ viewer }, document, operationName) => {
    if (viewer.id !== null) {
      return false;
    }
    const answers = known.get(document) ?? new Map<string | null, boolean>();
    known.set(document, answers);
    const answer =
      answers.get(operationName) ??
      explainAccess(policy, { viewer, operation: document, operationName }).coordinates.every(
        ({ requirements }) => requirements.length === 0,
      );
    answers.set(operationName, answer);
    return answer;
  };
}
