import {
  type ASTNode,
  getNamedType,
  type GraphQLArgument,
  GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isRequiredInputField,
  isSpecifiedScalarType,
  Kind,
  type ObjectFieldNode,
  type ObjectValueNode,
  type ValidationRule,
} from 'graphql';
import { MOST_ERRORS } from './limits.ts';

/** A value in a document, and what the schema expects there. */
interface Place {
  /** Undefined where the schema knows no value: for a field that the input object does not have, for instance. */
  readonly type: GraphQLInputType | undefined;
  /** The input object that a field stands in. */
  readonly object: GraphQLInputObjectType | undefined;
  /** The argument that the value is for, unless it is a part of another value. */
  readonly argument: GraphQLArgument | undefined;
}

const LITERALS: ReadonlySet<string> = new Set([
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

/** The length up to which messages repeat a name from a document. */
const LONGEST_NAME = 100;

/** The places of the values in the documents that were validated. */
const places = new WeakMap<ASTNode, Place>();

/** A rule that notes the expected type of each value, for the messages about invalid ones. It reports nothing. */
export const NotePlaces: ValidationRule = (context) => ({
  enter: (node, _key, parent) => {
    if (LITERALS.has(node.kind) || node.kind === Kind.VARIABLE) {
      const isArgument = parent !== undefined && 'kind' in parent && parent.kind === Kind.ARGUMENT;
      const around = node.kind === Kind.OBJECT_FIELD ? getNamedType(context.getParentInputType()) : undefined;
      places.set(node, {
        type: context.getInputType() ?? undefined,
        object: isInputObjectType(around) ? around : undefined,
        argument: (isArgument ? context.getArgument() : null) ?? undefined,
      });
    }
  },
});

/** The extension that holds the public message of an error: a symbol, which no log and no response prints. */
const MESSAGE = Symbol('the message without the value');

/** Notes the public message of an error about input. */
export function noteMessage({ extensions }: GraphQLError, message: string): void {
  Reflect.set(extensions, MESSAGE, message);
}

/** Returns the public message that was noted for an error about input, or null. */
export function notedMessageOf({ extensions }: GraphQLError): string | null {
  const message: unknown = Reflect.get(extensions, MESSAGE);
  return typeof message === 'string' ? message : null;
}

/**
 * Notes the public message of each error of a validation that is about a literal, or may be. The messages of graphql-js
 * repeat the literal. They are not parsed: the expected type at the place of a literal gives the message.
 */
export function describeInvalid(errors: readonly Error[]): void {
  const described = new Map<ASTNode, number>();
  errors.forEach((error, index) => {
    if (!(error instanceof GraphQLError)) {
      return;
    }
    const [node] = error.nodes ?? [];
    const before = node === undefined ? 0 : (described.get(node) ?? 0);
    const message = node === undefined ? messageWithoutNode(error, index) : messageAt(node, before);
    if (message !== null) {
      noteMessage(error, message);
    }
    if (node !== undefined) {
      described.set(node, before + 1);
    }
  });
}

/** Returns the message for an error without nodes. Only scalars that refuse a literal report one, and their message holds the literal. */
function messageWithoutNode({ message }: GraphQLError, index: number): string {
  const isEndOfList = index === MOST_ERRORS; // graphql-js says that it stopped
  return isEndOfList ? message : 'A value in the document is not valid.';
}

/**
 * Returns the message for an error at a literal, or null for other nodes.
 *
 * @param before the number of errors that were reported at the same node before this one
 */
function messageAt(node: ASTNode, before: number): string | null {
  if (!LITERALS.has(node.kind)) {
    return null;
  }
  const { type, object } = places.get(node) ?? {};
  if (node.kind === Kind.OBJECT_FIELD && object !== undefined) {
    return messageAtField(node, object);
  }
  if (type === undefined) {
    return 'The value here is not valid.';
  }
  const named = getNamedType(type);
  const problem = node.kind === Kind.OBJECT && isInputObjectType(named) ? problemsOf(node, named)[before] : undefined;
  const isPlain = node.kind !== Kind.NULL && (isSpecifiedScalarType(named) || isEnumType(named));
  return problem ?? `Expected a value of type "${String(isPlain ? named : type)}" here.`;
}

function messageAtField({ name: { value: name } }: ObjectFieldNode, object: GraphQLInputObjectType): string {
  return name.length > LONGEST_NAME
    ? 'The value here is not valid.'
    : `Field "${name}" is not defined by type "${object.name}".`;
}

/** Returns the problems of an object itself, in the order in which graphql-js reports them. */
function problemsOf({ fields }: ObjectValueNode, type: GraphQLInputObjectType): string[] {
  const values = new Map(fields.map(({ name, value }) => [name.value, value]));
  const missing = Object.values(type.getFields())
    .filter((field) => isRequiredInputField(field) && !values.has(field.name))
    .map((field) => `Field "${type.name}.${field.name}" of required type "${String(field.type)}" was not provided.`);
  if (!type.isOneOf) {
    return missing;
  }
  const [[name] = []] = values;
  return values.size === 1
    ? [`Field "${type.name}.${name}" must be non-null.`]
    : [`OneOf Input Object "${type.name}" must specify exactly one key.`];
}

/**
 * Returns the message for an error at an argument that passed validation and fails with the variables of a request: graphql-js
 * reports it at the value of the argument. Null for errors at other nodes.
 */
export function argumentMessageOf({ nodes: [node] = [] }: GraphQLError): string | null {
  const argument = node && places.get(node)?.argument;
  if (argument === undefined) {
    return null;
  }
  return node?.kind === Kind.VARIABLE
    ? `Argument "${argument.name}" of non-null type "${String(argument.type)}" must not be null.`
    : `Argument "${argument.name}" has an invalid value.`;
}
