import {
  coerceInputValue,
  getNamedType,
  getNullableType,
  GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { scalarRuleOf } from './invalid-input.ts';
import { noteMessage } from './invalid-literals.ts';
import { MOST_ERRORS } from './limits.ts';
import type { Variables } from './limits/variables.ts';

type Path = readonly (string | number)[];

/** A problem in the value of a variable: its path, and the reason; null if the value has another type than the schema's. */
interface Problem {
  readonly path: Path;
  readonly reason: string | null;
  /** The error of graphql-js or of the scalar, which holds the value. */
  readonly originalError: GraphQLError;
}

const BAD_USER_INPUT = { extensions: { code: 'BAD_USER_INPUT' } } as const;

/**
 * Returns the errors of the variables of an operation: which one is not valid, where in it, and what was expected. The
 * messages never repeat a value, which may be a password, where those of graphql-js do.
 */
export function invalidVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): GraphQLError[] {
  const errors = variableDefinitions.flatMap((definition) => {
    const type = typeFromAST(schema, definition.type);
    return isInputType(type) ? errorsOf(definition, type, variables) : [];
  });
  return errors.length > MOST_ERRORS
    ? [...errors.slice(0, MOST_ERRORS), new GraphQLError('Too many values are not valid.', BAD_USER_INPUT)]
    : errors;
}

function errorsOf(definition: VariableDefinitionNode, type: GraphQLInputType, variables: Variables): GraphQLError[] {
  const name = definition.variable.name.value;
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (!Object.hasOwn(variables, name)) {
    const isMissing = isNonNullType(type) && definition.defaultValue === undefined;
    return isMissing
      ? [withoutValue(`Variable "$${name}" of required type "${String(type)}" was not provided.`, definition)]
      : [];
  }
  if (value === null && isNonNullType(type)) {
    return [withoutValue(`Variable "$${name}" of non-null type "${String(type)}" must not be null.`, definition)];
  }
  return problemsOf(value, type).map(({ path, reason, originalError }) => {
    const where = path.length === 0 ? '' : ` at "${name}${path.map(printStep).join('')}"`;
    const expected = reason ?? `expected a value of type "${String(typeAt(type, path))}".`;
    // Apollo Server gives an error its class and its code by these words.
    const error = new GraphQLError(`Variable "$${name}" has invalid value${where}: ${expected}`, {
      nodes: definition,
      originalError,
    });
    noteMessage(error, `Variable "$${name}" is not valid${where}: ${expected}`);
    return error;
  });
}

/** Creates the error of a variable that has no value, in the words of graphql-js. */
function withoutValue(message: string, definition: VariableDefinitionNode): GraphQLError {
  const error = new GraphQLError(message, { nodes: definition });
  noteMessage(error, message);
  return error;
}

function printStep(step: string | number): string {
  return typeof step === 'number' ? `[${step}]` : `.${step}`;
}

function problemsOf(value: unknown, type: GraphQLInputType): Problem[] {
  const problems: Problem[] = [];
  const ofObjects = new Map<object, (string | null)[]>();
  coerceInputValue(value, type, (path, invalid, error) => {
    const reason = scalarRuleOf(error) ?? reasonFor(invalid, typeAt(type, path), path, ofObjects);
    problems.push({ path, reason, originalError: error });
  });
  return problems;
}

/** @param ofObjects the problems of objects that were not reported yet: graphql-js reports one at a time */
function reasonFor(
  invalid: unknown,
  type: GraphQLInputType,
  path: Path,
  ofObjects: Map<object, (string | null)[]>,
): string | null {
  if (invalid === null || invalid === undefined) {
    return isNonNullType(type)
      ? `Expected non-nullable type "${String(type)}" not to be null.`
      : `Field "${path.at(-1)}" must be non-null.`;
  }
  const named = getNamedType(type);
  if (!isInputObjectType(named)) {
    return null;
  }
  if (typeof invalid !== 'object') {
    return `Expected type "${named.name}" to be an object.`;
  }
  const reasons = ofObjects.get(invalid) ?? problemsOfObject(named, invalid);
  ofObjects.set(invalid, reasons);
  return reasons.shift() ?? null;
}

/** Returns the problems of an input object itself, in the order in which graphql-js reports them. */
function problemsOfObject(type: GraphQLInputObjectType, value: object): (string | null)[] {
  const fields = type.getFields();
  const missing = Object.values(fields)
    .filter((field) => isRequiredInputField(field) && Reflect.get(value, field.name) === undefined)
    .map((field) => `Field "${field.name}" of required type "${String(field.type)}" was not provided.`);
  const unknown = Object.keys(value)
    .filter((name) => !fields[name])
    .map((name) => (/^\w{1,100}$/.test(name) ? `Field "${name}" is not defined by type "${type.name}".` : null));
  const oneOf = type.isOneOf ? [`Exactly one key must be specified for OneOf type "${type.name}".`] : [];
  return [...missing, ...unknown, ...oneOf];
}

/** Returns the type of the value at a path. A single value may stand for a list of it. */
function typeAt(type: GraphQLInputType, [step, ...rest]: Path): GraphQLInputType {
  const nullable = getNullableType(type);
  if (step === undefined) {
    return type;
  }
  if (isListType(nullable)) {
    return typeAt(nullable.ofType, typeof step === 'number' ? rest : [step, ...rest]);
  }
  const field = isInputObjectType(nullable) ? nullable.getFields()[step] : undefined;
  return field === undefined ? type : typeAt(field.type, rest);
}
