import type {
  ApolloServerPlugin,
  BaseContext,
  GraphQLRequestContext,
  GraphQLRequestContextExecutionDidStart,
  HTTPGraphQLRequest,
} from '@apollo/server';
import { type DocumentNode, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { hashOfDocument } from '../database/trusted-documents.ts';
import {
  DOCUMENT_CODES,
  DOCUMENT_MESSAGES,
  type DocumentMode,
  hashOfId,
  MISMATCH,
  namedHash,
  type NamedDocument,
  type RequestDocuments,
} from '../graphql/request-documents.ts';

/** The documents that requests over HTTP may name. */
export interface DocumentOptions<Context extends BaseContext> {
  readonly documents: RequestDocuments<Context>;
  /** Reports if the viewer is anonymous, and no field of the operation has a requirement. */
  readonly isPublic: (context: Context, document: DocumentNode, operationName: string | null) => boolean;
}

/** The way in which a request names its document: a text, an id, or a hash by Apollo's protocol (APQ). */
interface Naming {
  readonly by: 'text' | 'id' | 'APQ';
  readonly hash: string;
}

/** The naming of requests that are being answered. */
const namings = new WeakMap<object, Naming>();

/**
 * Translates the request into Apollo's protocol (APQ): the id of a document becomes a hash. Where only published documents
 * are answered, a text becomes its hash as well, so that any other text is neither parsed nor answered.
 */
export function nameDocument(request: HTTPGraphQLRequest, mode: DocumentMode): HTTPGraphQLRequest {
  const sent = request.method === 'GET' ? readSearch(request.search) : request.body;
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    return request;
  }
  const naming = namingOf(sent, mode);
  if (naming === null) {
    return request;
  }
  const { query, documentId: _documentId, extensions, ...rest } = sent as NamedDocument;
  const persistedQuery = naming.by === 'APQ' ? {} : { persistedQuery: { version: 1, sha256Hash: naming.hash } };
  const body = {
    ...rest,
    ...(query === undefined || query === '' || mode === 'only' ? {} : { query }),
    extensions: { ...Object(extensions), ...persistedQuery },
  };
  const named = { ...request, ...(request.method === 'GET' ? { search: writeSearch(body) } : { body }) };
  namings.set(named, naming);
  return named;
}

function namingOf(sent: NamedDocument, mode: DocumentMode): Naming | null {
  const { query, documentId } = sent;
  const text = typeof query === 'string' && query !== '' ? query : null;
  if (text !== null && mode !== 'prefer') {
    return mode === 'only' ? { by: 'text', hash: hashOfDocument(text) } : null;
  }
  if (text === null && query !== undefined && query !== null && query !== '') {
    return null; // Apollo Server refuses it.
  }
  if (typeof documentId === 'string') {
    return { by: 'id', hash: hashOfId(documentId) };
  }
  const hash = namedHash(sent);
  return hash === null ? null : { by: 'APQ', hash };
}

/** Returns the parameters of a URL that name a document; null if one of them is given twice, or is not JSON. */
function readSearch(search: string): Record<string, unknown> | null {
  const parameters = new URLSearchParams(search);
  const names = [...parameters.keys()];
  try {
    const extensions = parameters.get('extensions');
    return new Set(names).size < names.length
      ? null
      : { ...Object.fromEntries(parameters), ...(extensions === null ? {} : { extensions: JSON.parse(extensions) }) };
  } catch {
    return null;
  }
}

function writeSearch({ extensions, ...rest }: Record<string, unknown>): string {
  const parameters = new URLSearchParams({ ...rest, extensions: JSON.stringify(extensions) });
  return `?${parameters.toString()}`;
}

/** Reports if a URL names its document by an id, and holds no text. */
export function isById(url: string): boolean {
  const sent = url.includes('?') ? readSearch(url.slice(url.indexOf('?'))) : null;
  return sent !== null && !('query' in sent) && namedHash(sent) !== null;
}

/** Reports if a request has no credential, nor a cookie, which browsers send by themselves. */
export function hasNoCredential(headers: { readonly has: (name: string) => boolean }): boolean {
  return !headers.has('authorization') && !headers.has('cookie');
}

/** Apollo Server puts a prefix before its keys. */
function hashOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

/** Returns the cache from which Apollo Server reads documents by their hash, or false if there are none. */
export function cacheOfDocuments<Context extends BaseContext>({ documents }: Partial<DocumentOptions<Context>> = {}) {
  if (documents === undefined || documents.mode === 'off') {
    return false as const;
  }
  return {
    cache: {
      get: (key: string) => documents.find(hashOf(key)),
      set: (key: string, text: string) => documents.register(hashOf(key), text),
      delete: async () => false,
    },
  };
}

/** Returns the error, with a code, of a request that breaks Apollo's protocol; null for any other. */
export function documentErrorOf({ message }: GraphQLFormattedError): GraphQLError | null {
  const text = PROTOCOL_ERRORS.get(message);
  return text === undefined ? null : new GraphQLError(text, { extensions: { code: 'BAD_REQUEST' } });
}

/** The errors that Apollo Server answers without a code. */
const PROTOCOL_ERRORS = new Map([
  ['provided sha does not match query', MISMATCH],
  ['Unsupported persisted query version', 'The version of "persistedQuery" must be 1.'],
]);

/** Creates the plugin that sets the errors of requests whose document is not answered, and lets caches keep public answers. */
export function createDocumentPlugin<Context extends BaseContext>(
  options: DocumentOptions<Context>,
): ApolloServerPlugin<Context> {
  const listener = {
    willSendResponse: async (request: GraphQLRequestContext<Context>): Promise<void> => {
      const naming = request.request.http && namings.get(request.request.http);
      if (naming !== undefined) {
        wordError(request, naming, options);
        await allowCaching(request, naming, options);
      }
    },
  };
  return { requestDidStart: async () => listener };
}

function wordError<Context extends BaseContext>(
  { response, contextValue }: GraphQLRequestContext<Context>,
  { by, hash }: Naming,
  { documents }: DocumentOptions<Context>,
): void {
  const { body } = response;
  const code = body?.kind === 'single' ? body.singleResult.errors?.[0]?.extensions?.['code'] : undefined;
  const isUnknown = code === DOCUMENT_CODES.unknown;
  if (isUnknown) {
    documents.deny(by === 'text' ? 'refused' : 'unknown', hash, contextValue);
  }
  if (body?.kind !== 'single' || by === 'APQ' || !(isUnknown || code === DOCUMENT_CODES.unsupported)) {
    return;
  }
  const kind = !isUnknown ? 'unsupported' : by === 'text' ? 'refused' : 'unknown';
  body.singleResult = { errors: [{ message: DOCUMENT_MESSAGES[kind], extensions: { code: DOCUMENT_CODES[kind] } }] };
  response.http.status = 400;
}

/**
 * Lets shared caches keep an answer if its document was published with a maximum age, no field in it has a requirement,
 * and the request had no credential. Every other answer keeps `no-store`.
 */
async function allowCaching<Context extends BaseContext>(
  { request, response, document, operationName, contextValue }: GraphQLRequestContext<Context>,
  { by, hash }: Naming,
  { documents, isPublic }: DocumentOptions<Context>,
): Promise<void> {
  const { http } = request;
  const isAnswer = response.body?.kind === 'single' && response.body.singleResult.errors === undefined;
  if (
    http?.method !== 'GET' ||
    by === 'text' ||
    !isAnswer ||
    document === undefined ||
    !hasNoCredential(http.headers)
  ) {
    return;
  }
  const maxAge = (await documents.published(hash))?.maxAge ?? 0;
  if (maxAge > 0 && isPublic(contextValue, document, operationName ?? null)) {
    response.http.headers.set('cache-control', `public, max-age=${maxAge}`);
    response.http.headers.set('vary', 'Accept, Authorization, Cookie');
  }
}

/**
 * Creates the plugin that keeps answers which Apollo Server's cache hints let be cached to the viewer who got them, unless
 * the viewer is anonymous and no field has a requirement: which fields and rows there are depends on the viewer.
 */
export function createPrivacyPlugin<Context extends BaseContext>({
  isPublic,
}: DocumentOptions<Context>): ApolloServerPlugin<Context> {
  const listener = {
    executionDidStart: async (request: GraphQLRequestContextExecutionDidStart<Context>) => ({
      executionDidEnd: async (): Promise<void> => {
        const { overallCachePolicy, contextValue, document, operationName } = request;
        if (overallCachePolicy.policyIfCacheable() !== null && !isPublic(contextValue, document, operationName)) {
          overallCachePolicy.restrict({ scope: 'PRIVATE' });
        }
      },
    }),
  };
  return { requestDidStart: async () => listener };
}
