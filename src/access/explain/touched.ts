import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  validate,
  type ValueNode,
  visit as visitNodes,
} from 'graphql';
import { nearestName } from '../edit-distance.ts';
import { definitionsOf, type SpreadOperation, withoutFragmentArguments } from '../fragment-arguments.ts';
import { walkSelections } from '../selections.ts';
import { type InputContext, touchInput } from './inputs.ts';

/** The state of a walk through an operation. */
interface Walk extends InputContext {
  readonly spread: SpreadOperation;
  readonly visited: Map<SelectionSetNode, Set<string>>;
}

/**
 * Returns the coordinates that an operation may reach, in the order of the document, each with the lines that use it. For
 * a field of an abstract type these are the fields of every type that the object may turn out to have, since these are
 * what is enforced.
 */
export function touchedCoordinates(
  operation: Operation,
  context: Omit<InputContext, 'touch' | 'definitions'>,
): ReadonlyMap<string, ReadonlySet<number>> {
  const touched = new Map<string, Set<number>>();
  const definitions = operation.node.variableDefinitions ?? [];
  const spread = withoutFragmentArguments(
    operation.node,
    (name) => operation.fragments.get(name),
    (name) =>
      Object.hasOwn(context.variables, name) || definitions.some(({ variable }) => variable.name.value === name),
  );
  const root = context.schema.getRootType(operation.node.operation);
  const touch = (coordinate: string, { loc }: ASTNode): void => {
    const lines = touched.get(coordinate) ?? new Set();
    touched.set(coordinate, loc === undefined ? lines : lines.add(loc.startToken.line));
  };
  const walk: Walk = { ...context, definitions, touch, spread, visited: new Map() };
  visit(walk, spread.operation.selectionSet, root ? [root] : []);
  definitionsOf(spread, operation.fragments.values()).forEach((node) => visitDirectives(walk, node));
  return touched;
}

/** Touches what directives are supplied with. As the guard does, it looks at all that the document has for the operation. */
function visitDirectives(walk: Walk, definition: ASTNode): void {
  visitNodes(definition, {
    Directive: ({ name, arguments: args = [] }) => {
      const directive = walk.schema.getDirective(name.value);
      for (const { name: argument, value } of args) {
        const declared = directive?.args.find((one) => one.name === argument.value);
        if (declared !== undefined) {
          touchInput(walk, declared.type, value);
        }
      }
    },
  });
}

function visit(walk: Walk, selectionSet: SelectionSetNode, types: readonly GraphQLObjectType[]): void {
  const unseen = unseenTypes(walk, selectionSet, types);
  if (unseen === null) {
    return;
  }
  walkSelections(selectionSet, unseen, (name) => walk.spread.fragments.get(name), {
    select: (node) => isIncluded(walk, node),
    field: (node, parents) => parents.forEach((type) => visitField(walk, node, type)),
    enter: ({ typeCondition, selectionSet: inside }, parents) => {
      const condition = typeCondition && walk.schema.getType(typeCondition.name.value);
      const allowed = typeCondition === undefined ? parents : possibleTypes(walk.schema, condition);
      const narrowed = parents.filter((type) => allowed.includes(type));
      return unseenTypes(walk, inside, narrowed);
    },
  });
}

/** Returns those of the types for which the selections were not walked yet; null if there are none. */
function unseenTypes(
  { visited }: Walk,
  selectionSet: SelectionSetNode,
  types: readonly GraphQLObjectType[],
): readonly GraphQLObjectType[] | null {
  const seen = visited.get(selectionSet) ?? new Set<string>();
  visited.set(selectionSet, seen);
  const unseen = types.filter(({ name }) => !seen.has(name));
  unseen.forEach(({ name }) => seen.add(name));
  return unseen.length === 0 ? null : unseen;
}

/** Tells whether a selection may be executed: `@skip` and `@include` count where their condition is known. */
function isIncluded(walk: Walk, { directives = [] }: SelectionNode): boolean {
  return directives.every(({ name, arguments: args = [] }) => {
    const condition = args.find((argument) => argument.name.value === 'if')?.value;
    const known = condition === undefined ? undefined : knownCondition(walk, condition);
    return !((name.value === 'skip' && known === true) || (name.value === 'include' && known === false));
  });
}

/** Returns the value of a condition; undefined if it is not known. */
function knownCondition({ variables, definitions }: Walk, node: ValueNode): unknown {
  if (node.kind === Kind.BOOLEAN) {
    return node.value;
  }
  if (node.kind !== Kind.VARIABLE) {
    return undefined;
  }
  const name = node.name.value;
  if (Object.hasOwn(variables, name)) {
    return variables[name];
  }
  const fallback = definitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
  return fallback?.kind === Kind.BOOLEAN ? fallback.value : undefined;
}

function visitField(walk: Walk, node: FieldNode, type: GraphQLObjectType): void {
  const fields = type.getFields();
  const field = Object.hasOwn(fields, node.name.value) ? fields[node.name.value] : undefined;
  if (field === undefined) {
    return; // `__typename` and introspection have no requirements.
  }
  const coordinate = `${type.name}.${field.name}`;
  walk.touch(coordinate, node);
  for (const { name, value } of node.arguments ?? []) {
    walk.touch(`${coordinate}(${name.value}:)`, name);
    const argument = field.args.find((one) => one.name === name.value);
    if (argument !== undefined) {
      touchInput(walk, argument.type, value);
    }
  }
  if (node.selectionSet) {
    visit(walk, node.selectionSet, possibleTypes(walk.schema, getNamedType(field.type)));
  }
}

function possibleTypes(schema: GraphQLSchema, type: GraphQLNamedType | undefined): readonly GraphQLObjectType[] {
  if (isAbstractType(type)) {
    return schema.getPossibleTypes(type);
  }
  return isObjectType(type) ? [type] : [];
}

/** An operation cannot be explained, because it could not be executed. */
export class OperationError extends Error {
  /** A syntax error, or all validation errors. */
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super(errors.map((error) => error.toString()).join('\n\n'));
    this.name = 'OperationError';
    this.errors = errors;
  }
}

/** An operation and the fragments that it may use. */
export interface Operation {
  readonly node: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/**
 * Finds a valid operation in a document.
 *
 * @throws OperationError if the document is not valid, or it is not clear which of its operations is meant
 */
export function readOperation(
  schema: GraphQLSchema,
  source: string | DocumentNode,
  name: string | null | undefined,
): Operation {
  const document = typeof source === 'string' ? parseDocument(source) : source;
  const errors = validate(schema, document);
  if (errors.length > 0) {
    throw new OperationError(errors);
  }
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const named = operations.filter((node) => name === null || name === undefined || node.name?.value === name);
  const [node, ...others] = named;
  if (node === undefined || others.length > 0) {
    const known = operations.map((operation) => operation.name?.value).filter((known) => known !== undefined);
    const holds = `the document holds ${known.join(', ') || 'none'}`;
    const isUnknown = typeof name === 'string' && node === undefined && operations.length > 0;
    const message = isUnknown
      ? `No operation is named "${name}"; ${known.length === 0 ? 'the operation of the document has no name' : holds}.${suggestion(name, known)}`
      : `Name the operation to explain; ${holds}.`;
    throw new OperationError([new GraphQLError(message)]);
  }
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return { node, fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])) };
}

function suggestion(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return meant === undefined ? '' : ` Is ${meant} meant?`;
}

function parseDocument(source: string): DocumentNode {
  try {
    return parse(source);
  } catch (error) {
    throw error instanceof GraphQLError ? new OperationError([error]) : error;
  }
}
