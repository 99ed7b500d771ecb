import {
  getNamedType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type FieldNode,
  type SelectionSetNode,
} from 'graphql';
import { type InputContext, touchInput } from './inputs.ts';
import type { Operation } from './operation.ts';

/** What is followed through an operation. */
interface Walk extends InputContext {
  readonly operation: Operation;
  readonly visited: Map<SelectionSetNode, Set<string>>;
}

/**
 * The coordinates that an operation may touch, in the order of the document: of a field of an abstract type those of
 * every type that the object may turn out to have, since these are what is enforced.
 */
export function touchedCoordinates(
  operation: Operation,
  context: Omit<InputContext, 'touch' | 'definitions'>,
): readonly string[] {
  const touched = new Set<string>();
  const definitions = operation.node.variableDefinitions ?? [];
  const root = context.schema.getRootType(operation.node.operation);
  const touch = (coordinate: string): void => void touched.add(coordinate);
  const walk: Walk = { ...context, definitions, touch, operation, visited: new Map() };
  visit(walk, operation.node.selectionSet, root ? [root] : []);
  return [...touched];
}

function visit(walk: Walk, selectionSet: SelectionSetNode, types: readonly GraphQLObjectType[]): void {
  const seen = walk.visited.get(selectionSet) ?? new Set<string>();
  walk.visited.set(selectionSet, seen);
  const fresh = types.filter(({ name }) => !seen.has(name));
  fresh.forEach(({ name }) => seen.add(name));
  if (fresh.length === 0) {
    return;
  }
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      fresh.forEach((type) => visitField(walk, selection, type));
    } else {
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : walk.operation.fragments.get(selection.name.value);
      const condition = fragment?.typeCondition?.name.value;
      const allowed = condition === undefined ? fresh : possibleTypes(walk.schema, walk.schema.getType(condition));
      if (fragment !== undefined) {
        visit(
          walk,
          fragment.selectionSet,
          fresh.filter((type) => allowed.includes(type)),
        );
      }
    }
  }
}

function visitField(walk: Walk, node: FieldNode, type: GraphQLObjectType): void {
  const fields = type.getFields();
  const field = Object.hasOwn(fields, node.name.value) ? fields[node.name.value] : undefined;
  if (field === undefined) {
    return; // `__typename` and introspection have no doors of their own.
  }
  const coordinate = `${type.name}.${field.name}`;
  walk.touch(coordinate);
  for (const { name, value } of node.arguments ?? []) {
    walk.touch(`${coordinate}(${name.value}:)`);
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
