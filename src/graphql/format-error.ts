import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ERROR_CODES, HttpRefusal, RolegateError, SecondFactorRequired, TemporaryError } from '../lib/errors.ts';
import { inputErrorOf, thrownBy } from './invalid-input.ts';
import { LONGEST_MESSAGE } from './limits.ts';

/** The part of a pino logger that is needed. */
export interface ErrorLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** The dependencies of {@link createFormatError}. */
export interface FormatErrorOptions {
  readonly log: ErrorLog;
  /** Returns the id of the request being answered, under which client and log meet. */
  readonly requestId: () => string | null;
  /** Called with the code of each error that a client gets. */
  readonly onError?: ((code: string) => void) | undefined;
}

/** Returns the public form of an error: Apollo's `formatError`. */
export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Codes that a GraphQLError may carry to the client: those of the access engine, and those of Apollo. */
const PUBLIC_CODES: ReadonlySet<unknown> = new Set([
  ...ERROR_CODES,
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_ONLY',
]);

/** Extensions beside the code: the coordinate of a denial, the limit that was violated. */
const PUBLIC_EXTENSIONS = ['code', 'coordinate', 'field', 'limit', 'retryAfterSeconds'] as const;

/** Returns the public error with message and extensions, at the place in document and answer where the error was. */
function publicError(
  at: GraphQLFormattedError,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLFormattedError {
  const { locations, path } = at;
  const short = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
  return { message: short, ...(locations && { locations }), ...(path && { path }), extensions };
}

function challengeOf({ challenge, factors, passkey }: SecondFactorRequired): Record<string, unknown> {
  return { challenge, factors, ...(passkey === null ? {} : { passkey }) };
}

function extensionsOf(error: RolegateError): Record<string, unknown> {
  return {
    code: error.code,
    ...(error.field === null ? {} : { field: error.field }),
    ...(error instanceof SecondFactorRequired ? challengeOf(error) : {}),
    ...(error instanceof TemporaryError ? { retryAfterSeconds: error.retryAfterSeconds } : {}),
  };
}

function publicExtensions(error: GraphQLError): Record<string, unknown> {
  const entries = PUBLIC_EXTENSIONS.map((name) => [name, error.extensions[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * Reports if an error with a code refuses a whole request, as plugins of Apollo Server do. Errors of the execution have a
 * path, those about input have nodes.
 */
function isRefusal({ path, nodes, extensions: { code } }: GraphQLError): boolean {
  return typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR' && path === undefined && nodes === undefined;
}

/**
 * Creates the one function by which errors become public.
 *
 * Refusals of ours and of plugins keep code and message. Errors about input lose the values that were sent. Everything
 * else is a bug: the client gets a generic text and the request's id, the log gets the cause. No answer holds a stack.
 */
export function createFormatError({ log, requestId, onError }: FormatErrorOptions): FormatError {
  function mask(formatted: GraphQLFormattedError, cause: unknown): GraphQLFormattedError {
    const id = requestId();
    log.error({ requestId: id, path: formatted.path?.join('.'), fault: describeError(cause) }, 'A request failed');
    return publicError(formatted, 'Something went wrong on our side.', {
      code: 'INTERNAL_SERVER_ERROR',
      ...(id === null ? {} : { requestId: id }),
    });
  }

  const format: FormatError = (formatted, error) => {
    const thrown = thrownBy(error);
    if (thrown instanceof RolegateError) {
      if (thrown.cause !== undefined) {
        log.warn({ requestId: requestId(), code: thrown.code, fault: describeError(thrown.cause) }, thrown.message);
      }
      return publicError(formatted, thrown.message, extensionsOf(thrown));
    }
    if (thrown instanceof HttpRefusal) {
      return publicError(formatted, thrown.message, { code: thrown.code });
    }
    if (!(error instanceof GraphQLError)) {
      return mask(formatted, thrown);
    }
    const inputError = inputErrorOf(error);
    if (inputError !== null) {
      const { message, ...extensions } = inputError;
      return publicError(formatted, message, extensions);
    }
    if (isRefusal(error)) {
      const { http: _http, ...extensions } = error.extensions; // the status and headers of the response
      return publicError(formatted, error.message, extensions);
    }
    const isPublic = thrown instanceof GraphQLError && PUBLIC_CODES.has(error.extensions['code']);
    return isPublic ? publicError(formatted, error.message, publicExtensions(error)) : mask(formatted, thrown);
  };
  if (onError === undefined) {
    return format;
  }
  return (formatted, error) => {
    const result = format(formatted, error);
    onError(String(result.extensions?.['code']));
    return result;
  };
}

/** An error, reduced to what a log may hold. */
export interface ErrorRecord {
  readonly type: string;
  readonly message: string;
  /** The SQLSTATE, for instance, or the system's `ECONNREFUSED`. */
  readonly code?: string;
  /** The lines of the stack, without the message before them. */
  readonly stack?: string;
  readonly cause?: ErrorRecord;
}

/** The depth to which causes are followed; a cycle of them ends here. */
const DEEPEST_CAUSE = 5;
const SQLSTATE = /^[0-9A-Z]{5}$/;

function textOf(error: object, name: 'code' | 'sqlState'): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}

/** Databases quote the values they refuse: `invalid input syntax for type uuid: "…"`. */
function withoutQuoted(message: string): string {
  return message.replaceAll(/"[^"]*"|'[^']*'|=\([^)]*\)/g, '…');
}

/**
 * Reduces a thrown value to its kind, message, place and causes. Properties that libraries hang on their errors
 * are left out, because they hold statements and parameters; a database's message loses what it quotes.
 */
export function describeError(error: unknown, depth = 0): ErrorRecord {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: 'a value that is not an Error was thrown' };
  }
  const code = textOf(error, 'sqlState') ?? textOf(error, 'code');
  const [headline = ''] = error.message.split('\n');
  const message = code !== undefined && SQLSTATE.test(code) ? withoutQuoted(headline) : headline;
  const stack = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    type: error.name,
    message: message.slice(0, LONGEST_MESSAGE),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined || stack.length === 0 ? {} : { stack: stack.join('\n') }),
    ...(error.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
