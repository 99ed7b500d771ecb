import { type ASTNode, GraphQLError, Kind, type ValidationRule } from 'graphql';
import { argumentMessageOf, notedMessageOf } from './invalid-literals.ts';
import type { LimitName } from './limits.ts';

/** The public form of an error about input: graphql-js's own message repeats the value that was sent. */
export interface InputError {
  readonly code: 'BAD_USER_INPUT' | 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED';
  readonly message: string;
  /** The limit that was violated, if it was one. */
  readonly limit?: LimitName;
}

/**
 * Refuses documents that ask for a kind of operation that the schema lacks. graphql-js notices while it executes, and
 * the answer would be an internal error; a schema that was pruned for its viewer may well have no mutations.
 */
export const KnownOperationTypes: ValidationRule = (context) => ({
  OperationDefinition: (node) => {
    if (!context.getSchema().getRootType(node.operation)) {
      const message = `The schema has no type for ${node.operation} operations.`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    }
  },
});

/** The message of graphql-js for a text that is cut off at the limit of tokens, which it reports as a syntax error. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more that (\d+) tokens/;

/** `found String "…".`, `Unexpected Name "…".`, `Invalid character escape sequence: "…".` */
const QUOTED_TOKEN = /((?:found|Unexpected) \w+|escape sequence):? ".*"\.$/s;

/** The extension of errors whose message may be sent: it states a rule, and holds no value. */
const REASON = 'inputRule';

/** Creates the error of a scalar that refuses a value. The message is sent to the client: it must not hold the value. */
export function scalarError(message: string, node?: ASTNode): GraphQLError {
  return new GraphQLError(message, {
    ...(node && { nodes: node }),
    extensions: { code: 'BAD_USER_INPUT', [REASON]: true },
  });
}

/** Returns the message of an error that {@link scalarError} created, with or without the words of graphql-js before it. */
export function scalarRuleOf(error: GraphQLError): string | null {
  const thrown = error.extensions[REASON] === true ? error : error.originalError;
  return thrown instanceof GraphQLError && thrown.extensions[REASON] === true ? thrown.message : null;
}

/**
 * Returns the error that was thrown, without the wrappers that graphql-js and Apollo put around it. The error of a variable is
 * returned as it is: its cause is the error of a scalar, which holds the value.
 */
export function thrownBy(error: unknown): unknown {
  const isWrapper = error instanceof GraphQLError && error.originalError !== undefined && !isAboutVariable(error);
  return isWrapper ? thrownBy(error.originalError) : error;
}

function isAboutVariable({ nodes: [node] = [] }: GraphQLError): boolean {
  return node?.kind === Kind.VARIABLE_DEFINITION;
}

function syntaxError({ message, source, originalError }: GraphQLError): InputError | null {
  const code = 'GRAPHQL_PARSE_FAILED';
  if (source === undefined) {
    // The parser recurses, so thousands of nested brackets make it throw a RangeError.
    const isTooDeep = thrownBy(originalError) instanceof RangeError;
    return isTooDeep ? { code, message: 'The document is nested too deeply.' } : null;
  }
  const [, most] = TOO_MANY_TOKENS.exec(message) ?? [];
  if (most !== undefined) {
    const tooMany = `The document holds more than ${most} tokens.`;
    return { code: 'GRAPHQL_VALIDATION_FAILED', message: tooMany, limit: 'tokens' };
  }
  return { code, message: message.replace(QUOTED_TOKEN, '$1.') };
}

function validationError(error: GraphQLError): InputError | null {
  const message = error.extensions['limit'] === undefined ? (scalarRuleOf(error) ?? notedMessageOf(error)) : null;
  return message === null ? null : { code: 'GRAPHQL_VALIDATION_FAILED', message };
}

/**
 * Returns the public form of an error about input, which names the place and what was expected there, never the value
 * itself: it may be a password. Null if the error is not about input, or holds nothing but names.
 */
export function inputErrorOf(error: GraphQLError): InputError | null {
  switch (error.extensions['code']) {
    case 'GRAPHQL_PARSE_FAILED':
      return syntaxError(error);
    case 'GRAPHQL_VALIDATION_FAILED':
      return validationError(error);
    default: {
      const isPlain = error.extensions['code'] === undefined;
      const message = notedMessageOf(error) ?? (isPlain ? argumentMessageOf(error) : null);
      return message === null ? null : { code: 'BAD_USER_INPUT', message };
    }
  }
}

/** Returns the error of a request that names no operation of its document. */
export function unknownOperation(operationName: string | null | undefined): GraphQLError {
  const isName = /^\w{1,100}$/.test(operationName ?? '');
  const named = isName ? `No operation is named "${operationName}".` : 'No operation has the name that was sent.';
  const message = typeof operationName === 'string' ? named : 'Name the operation to run: the document holds several.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}

/** Returns the error with a code: the one that Apollo Server gives it. */
export function withCode(code: string, error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) {
    const originalError = error instanceof Error ? error : null;
    return new GraphQLError(originalError?.message ?? '', { originalError, extensions: { code } });
  }
  const { message, nodes, source, positions, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    originalError: originalError ?? null,
    extensions: { ...extensions, code },
  });
}
