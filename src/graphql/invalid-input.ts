import {
  getNullableType,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  Kind,
  print,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import type { LimitName } from './limits.ts';

/** What a client is told instead of graphql-js's own message, which repeats the value that was sent. */
export interface InputFault {
  readonly code:
    'BAD_USER_INPUT' | 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED' | 'OPERATION_RESOLUTION_FAILURE';
  readonly message: string;
  /** The limit that was passed, if it was one. */
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

/** Reasons of graphql-js in which only names and types of the schema, or names of the document, occur. */
const SAFE_REASONS = [
  /^Expected non-nullable type "[\w[\]!]+" not to be null\.$/,
  /^Expected type "\w+" to be an object\.$/,
  /^Exactly one key must be specified for OneOf type "\w+"\.$/,
  /^OneOf Input Object "\w+" must specify exactly one key\.$/,
  /^Field "[\w.]+" must be non-null\.$/,
  /^Field "[\w.]+" of required type "[\w[\]!]+" was not provided\.$/,
  /^Field "\w{1,100}" is not defined by type "\w+"\./,
  /^Variable "\$\w+" of (?:required|non-null) type "[\w[\]!]+" (?:was not provided|must not be null)\.$/,
  /^Argument "\w+" of (?:required|non-null) type "[\w[\]!]+" (?:was not provided|must not be null)\.$/,
  /^Argument "\w+" of required type "[\w[\]!]+" was provided the variable "\$\w+" which was not provided a runtime value\.$/,
] as const;

/** Where graphql-js names the expected type of a literal, before it repeats the literal. */
const EXPECTED_TYPES = [
  /^Expected value of type "([\w[\]!]+)", found /,
  /^(Int|Float|String|Boolean|ID) cannot represent /,
  /^Enum "(\w+)" cannot represent /,
  /^Value "\w+" does not exist in "(\w+)" enum\./,
] as const;

/** How graphql-js ends a list of errors that it cut short. */
const CUT_SHORT = /^(Too many validation errors|Validation aborted)/;

/** `found String "…".`, `Unexpected Name "…".`, `Invalid character escape sequence: "…".` */
const QUOTED_TOKEN = /((?:found|Unexpected) \w+|escape sequence):? ".*"\.$/s;

function firstMatch(patterns: readonly RegExp[], text: string): RegExpExecArray | null {
  return patterns.map((pattern) => pattern.exec(text)).find((match) => match !== null) ?? null;
}

/** `.email`, `[2].name`: how graphql-js writes a path, at the very end of what comes before the reason. */
function pathIn(prefix: string, variable: string): string {
  const [, path = ''] = /^.* at "\w+((?:\.\w+|\[\d+\])+)"$/s.exec(prefix) ?? [];
  return prefix.endsWith(` at "${variable}${path}"`) ? path : '';
}

/** The type that a path leads to, or undefined where the schema knows no such path. */
function typeAt(type: GraphQLInputType | undefined, path: string): GraphQLInputType | undefined {
  let reached = type;
  for (const [, field] of path.matchAll(/\.(\w+)|\[\d+\]/g)) {
    const nullable = reached === undefined ? undefined : getNullableType(reached);
    if (field === undefined) {
      reached = isListType(nullable) ? nullable.ofType : undefined;
    } else {
      const object = isListType(nullable) ? getNullableType(nullable.ofType) : nullable;
      reached = isInputObjectType(object) ? object.getFields()[field]?.type : undefined;
    }
  }
  return reached;
}

function declaredType(definition: VariableDefinitionNode, schema: GraphQLSchema | null): GraphQLInputType | undefined {
  const type = schema === null ? undefined : typeFromAST(schema, definition.type);
  return isInputType(type) ? type : undefined;
}

/** `Variable "$input" is not valid at "input.email": expected a value of type "EmailAddress!".` */
function variableMessage(error: GraphQLError, node: VariableDefinitionNode, schema: GraphQLSchema | null): string {
  const name = node.variable.name.value;
  const reason = error.originalError?.message ?? '';
  if (firstMatch(SAFE_REASONS, error.message) !== null) {
    return error.message;
  }
  const path = pathIn(error.message.slice(0, error.message.length - `; ${reason}`.length), name);
  const where = path === '' ? '' : ` at "${name}${path}"`;
  const safe = firstMatch(SAFE_REASONS, reason);
  if (safe !== null) {
    return `Variable "$${name}" is not valid${where}: ${safe[0]}`;
  }
  const type = path === '' ? print(node.type) : typeAt(declaredType(node, schema), path)?.toString();
  return `Variable "$${name}" is not valid${where}${type === undefined ? '.' : `: expected a value of type "${type}".`}`;
}

function literalMessage(message: string): string {
  const safe = firstMatch(SAFE_REASONS, message);
  if (safe !== null) {
    return safe[0];
  }
  const [, type] = firstMatch(EXPECTED_TYPES, message) ?? [];
  return type === undefined ? 'The value here is not valid.' : `Expected a value of type "${type}" here.`;
}

/** An argument that passed validation and fails with the values of this request's variables. */
function argumentMessage({ message, originalError }: GraphQLError): string | null {
  const isOfResolver = originalError !== undefined && !(originalError instanceof GraphQLError);
  if (!message.startsWith('Argument "') || isOfResolver) {
    return null;
  }
  const [invalid] = /^Argument "\w+" has invalid value /.exec(message) ?? [];
  const safe = firstMatch(SAFE_REASONS, message);
  return invalid === undefined ? (safe?.[0] ?? null) : invalid.replace(/has invalid value $/, 'has an invalid value.');
}

function syntaxFault(message: string): InputFault {
  const [, most] = /^Syntax Error: Document contains more that (\d+) tokens/.exec(message) ?? [];
  if (most !== undefined) {
    const told = `The document holds more than ${most} tokens.`;
    return { code: 'GRAPHQL_VALIDATION_FAILED', message: told, limit: 'tokens' };
  }
  // The parser recurses, so a document that nests thousands of brackets ends it with a RangeError.
  const isSyntax = message.startsWith('Syntax Error');
  const told = isSyntax ? message.replace(QUOTED_TOKEN, '$1.') : 'The document nests too deep.';
  return { code: 'GRAPHQL_PARSE_FAILED', message: told };
}

function validationFault({ message, nodes, extensions }: GraphQLError): InputFault | null {
  const code = 'GRAPHQL_VALIDATION_FAILED';
  if (extensions['limit'] !== undefined) {
    return null;
  }
  const [node] = nodes ?? [];
  if (node !== undefined) {
    return VALUE_KINDS.has(node.kind) ? { code, message: literalMessage(message) } : null;
  }
  // Rules report nodes; a scalar that refuses a literal may not, and its message holds the literal.
  return CUT_SHORT.test(message) ? null : { code, message: 'A value in the document is not valid.' };
}

/**
 * Says what is wrong with what was sent: which variable, where in it, and what was expected, never the value itself,
 * which may be a password.
 *
 * @param schema where the expected types are looked up; without it they are left out
 * @returns null if the error is not about input, or holds nothing that was sent but names
 */
export function faultOfInput(error: GraphQLError, schema: GraphQLSchema | null): InputFault | null {
  const [node] = error.nodes ?? [];
  switch (error.extensions['code']) {
    case 'GRAPHQL_PARSE_FAILED':
      return syntaxFault(error.message);
    case 'GRAPHQL_VALIDATION_FAILED':
      return validationFault(error);
    case 'OPERATION_RESOLUTION_FAILURE':
      return {
        code: 'OPERATION_RESOLUTION_FAILURE',
        message: error.message.replace(/ named ".*"\.$/s, ' of that name.'),
      };
    default:
  }
  if (node?.kind === Kind.VARIABLE_DEFINITION && error.path === undefined) {
    return { code: 'BAD_USER_INPUT', message: variableMessage(error, node, schema) };
  }
  if (error.message.startsWith('Too many errors processing variables')) {
    return { code: 'BAD_USER_INPUT', message: 'Too many values are not valid.' };
  }
  const message = argumentMessage(error);
  return message === null ? null : { code: 'BAD_USER_INPUT', message };
}
