import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { ERROR_CODES, HttpRefusal, RolegateError, TemporaryError } from '../lib/errors.ts';
import { describeFault } from './input-error.ts';
import { faultOfInput } from './invalid-input.ts';

/** The part of a pino logger that is needed. */
export interface FaultLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** What {@link createFormatError} is made of. */
export interface FormatErrorOptions {
  readonly log: FaultLog;
  /** The id of the request being answered, under which client and log meet. */
  readonly requestId: () => string | null;
  /** Where the types that values should have had are looked up; without it they are left out of messages. */
  readonly schema?: GraphQLSchema;
}

/** Apollo's `formatError`: what the client is told of an error. */
export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Codes that a GraphQLError may carry to the client: those of the access engine, and those of Apollo. */
const PUBLIC_CODES: ReadonlySet<unknown> = new Set([
  ...ERROR_CODES,
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** What may accompany a code: the coordinate of a denial, the limit that was passed. */
const PUBLIC_EXTENSIONS = ['code', 'coordinate', 'field', 'limit', 'retryAfterSeconds'] as const;

/** Looks through the wrappers that graphql-js and Apollo put around what was thrown. */
function thrownBy(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError !== undefined ? thrownBy(error.originalError) : error;
}

/** Names in a document may be as long as the document: no message is longer than this. */
const LONGEST_MESSAGE = 500;

/** Message and extensions, at the place in document and answer where the error was. */
function told(at: GraphQLFormattedError, message: string, extensions: Record<string, unknown>): GraphQLFormattedError {
  const { locations, path } = at;
  const short = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
  return { message: short, ...(locations && { locations }), ...(path && { path }), extensions };
}

function extensionsOf(error: RolegateError): Record<string, unknown> {
  return {
    code: error.code,
    ...(error.field === null ? {} : { field: error.field }),
    ...(error instanceof TemporaryError ? { retryAfterSeconds: error.retryAfterSeconds } : {}),
  };
}

function publicExtensions(error: GraphQLError): Record<string, unknown> {
  const entries = PUBLIC_EXTENSIONS.map((name) => [name, error.extensions[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * Makes Apollo's `formatError`, the one place where errors become public.
 *
 * Refusals keep code and message. Errors about input are told without the values that were sent. Everything else is a
 * bug: the client gets a generic text and the request's id, the log gets the cause. No answer holds a stack.
 */
export function createFormatError({ log, requestId, schema }: FormatErrorOptions): FormatError {
  function mask(formatted: GraphQLFormattedError, cause: unknown): GraphQLFormattedError {
    const id = requestId();
    log.error({ requestId: id, path: formatted.path?.join('.'), fault: describeFault(cause) }, 'A request failed');
    return told(formatted, 'Something went wrong on our side.', {
      code: 'INTERNAL_SERVER_ERROR',
      ...(id === null ? {} : { requestId: id }),
    });
  }

  return (formatted, error) => {
    const thrown = thrownBy(error);
    if (thrown instanceof RolegateError) {
      if (thrown.cause !== undefined) {
        log.warn({ requestId: requestId(), code: thrown.code, fault: describeFault(thrown.cause) }, thrown.message);
      }
      return told(formatted, thrown.message, extensionsOf(thrown));
    }
    if (thrown instanceof HttpRefusal) {
      return told(formatted, thrown.message, { code: thrown.code });
    }
    if (!(error instanceof GraphQLError)) {
      return mask(formatted, thrown);
    }
    const fault = faultOfInput(error, schema ?? null);
    if (fault !== null) {
      const { message, ...extensions } = fault;
      return told(formatted, message, extensions);
    }
    const isPublic = thrown instanceof GraphQLError && PUBLIC_CODES.has(error.extensions['code']);
    return isPublic ? told(formatted, error.message, publicExtensions(error)) : mask(formatted, thrown);
  };
}
