import {
  type ASTNode,
  getNamedType,
  GraphQLError,
  isEnumType,
  isSpecifiedScalarType,
  Kind,
  type ValidationRule,
} from 'graphql';
import type { LimitName } from './limits.ts';

/** The public form of an error about input: graphql-js's own message repeats the value that was sent. */
export interface InputError {
  readonly code: 'BAD_USER_INPUT' | 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED';
  readonly message: string;
  /** The limit that was violated, if it was one. */
  readonly limit?: LimitName;
}

const VALUE_KINDS: ReadonlySet<string> = new Set([
  Kind.BOOLEAN,
  Kind.ENUM,
  Kind.FLOAT,
  Kind.INT,
  Kind.LIST,
  Kind.NULL,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
  Kind.STRING,
]);

/** The types of the literals that were validated, as messages name them. */
const expectedTypes = new WeakMap<ASTNode, string>();

/** Notes the type that the schema expects of each literal, for messages about those that are not valid. */
export const ExpectedTypes: ValidationRule = (context) => ({
  enter: (node) => {
    const type = VALUE_KINDS.has(node.kind) ? context.getInputType() : undefined;
    if (type) {
      const named = getNamedType(type);
      const isPlain = node.kind !== Kind.NULL && (isSpecifiedScalarType(named) || isEnumType(named));
      expectedTypes.set(node, String(isPlain ? named : type));
    }
  },
});

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

/** Messages of graphql-js in which only names and types of the schema, or names of the document, occur. */
const SAFE_REASONS = [
  /^OneOf Input Object "\w+" must specify exactly one key\.$/,
  /^Field "[\w.]+" must be non-null\.$/,
  /^Field "[\w.]+" of required type "[\w[\]!]+" was not provided\.$/,
  /^Field "\w{1,100}" is not defined by type "\w+"\./,
  /^Variable "\$\w+" of (?:required|non-null) type "[\w[\]!]+" (?:was not provided|must not be null)\.$/,
  /^Argument "\w+" of (?:required|non-null) type "[\w[\]!]+" (?:was not provided|must not be null)\.$/,
  /^Argument "\w+" of required type "[\w[\]!]+" was provided the variable "\$\w+" which was not provided a runtime value\.$/,
] as const;

/** The last message of graphql-js in a list of errors that it cut short. */
const CUT_SHORT = /^(Too many validation errors|Validation aborted)/;

/** `found String "…".`, `Unexpected Name "…".`, `Invalid character escape sequence: "…".` */
const QUOTED_TOKEN = /((?:found|Unexpected) \w+|escape sequence):? ".*"\.$/s;

/** Returns the part of a message that holds names only; null if none of it is known to. */
function safePartOf(message: string): string | null {
  return SAFE_REASONS.map((pattern) => pattern.exec(message)).find((match) => match !== null)?.[0] ?? null;
}

/** The extension of errors whose message may be sent: it tells a rule, and no value. */
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

function literalMessage(node: ASTNode, message: string): string {
  const safe = safePartOf(message);
  const type = expectedTypes.get(node);
  if (safe !== null) {
    return safe;
  }
  return type === undefined ? 'The value here is not valid.' : `Expected a value of type "${type}" here.`;
}

/** Returns the message for an argument that passed validation and fails with this request's variables. */
function argumentMessage({ message, originalError }: GraphQLError): string | null {
  const isOfResolver = originalError !== undefined && !(originalError instanceof GraphQLError);
  if (!message.startsWith('Argument "') || isOfResolver) {
    return null;
  }
  const [invalid] = /^Argument "\w+" has invalid value /.exec(message) ?? [];
  return invalid === undefined ? safePartOf(message) : invalid.replace(/has invalid value $/, 'has an invalid value.');
}

function syntaxError(message: string): InputError {
  const [, most] = /^Syntax Error: Document contains more that (\d+) tokens/.exec(message) ?? [];
  if (most !== undefined) {
    const tooMany = `The document holds more than ${most} tokens.`;
    return { code: 'GRAPHQL_VALIDATION_FAILED', message: tooMany, limit: 'tokens' };
  }
  // The parser recurses, so a document that nests thousands of brackets ends it with a RangeError.
  const isSyntax = message.startsWith('Syntax Error');
  const place = isSyntax ? message.replace(QUOTED_TOKEN, '$1.') : 'The document is nested too deeply.';
  return { code: 'GRAPHQL_PARSE_FAILED', message: place };
}

function validationError(error: GraphQLError): InputError | null {
  const { message, nodes, extensions } = error;
  const code = 'GRAPHQL_VALIDATION_FAILED';
  if (extensions['limit'] !== undefined) {
    return null;
  }
  const rule = scalarRuleOf(error);
  if (rule !== null) {
    return { code, message: rule };
  }
  const [node] = nodes ?? [];
  if (node !== undefined) {
    return VALUE_KINDS.has(node.kind) ? { code, message: literalMessage(node, message) } : null;
  }
  // Rules report nodes; a scalar that refuses a literal may not, and its message holds the literal.
  return CUT_SHORT.test(message) ? null : { code, message: 'A value in the document is not valid.' };
}

/**
 * Returns the public form of an error about input, which names the place and what was expected there, never the value
 * itself: it may be a password. Null if the error is not about input, or holds nothing but names.
 */
export function inputErrorOf(error: GraphQLError): InputError | null {
  switch (error.extensions['code']) {
    case 'GRAPHQL_PARSE_FAILED':
      return syntaxError(error.message);
    case 'GRAPHQL_VALIDATION_FAILED':
      return validationError(error);
    default: {
      const message = argumentMessage(error);
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
    return new GraphQLError(error instanceof Error ? error.message : '', { extensions: { code } });
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
