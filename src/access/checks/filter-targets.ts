import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
} from 'graphql';
import { type ConnectionRole, hasFields } from '../policy/connections.ts';
import { formsOf, isLike, wordsOf } from './filter-names.ts';

/** The types whose objects an input may filter. */
export interface FilterableTypes {
  readonly schema: GraphQLSchema;
  readonly connections: ReadonlyMap<string, ConnectionRole>;
  /** The types that an input or a field may be named after, by the first word of their names. */
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>;
}

/** A type that an argument or a field may be named after. */
export interface Candidate {
  readonly type: GraphQLNamedType;
  readonly words: readonly string[];
}

/** Groups types by the first word of their names, in the singular and the plural. */
export function byFirstWord(types: readonly GraphQLNamedType[]): ReadonlyMap<string, readonly Candidate[]> {
  const groups = new Map<string, Candidate[]>();
  for (const type of types) {
    const words = wordsOf(type.name);
    for (const form of formsOf(words[0] ?? '')) {
      const group = groups.get(form) ?? [];
      group.push({ type, words });
      groups.set(form, group);
    }
  }
  return groups;
}

/** Tells whether a field returns many objects, out of which its arguments choose. */
export function isListed({ connections }: FilterableTypes, returned: GraphQLOutputType): boolean {
  const type = getNamedType(returned);
  return isListType(getNullableType(returned)) || connections.has(type.name) || itemsOf(type).length > 0;
}

/**
 * Returns the types of what a field returns: the nodes of a connection, the items of a page, an abstract type and all its
 * members.
 */
export function targetsOf({ schema, connections }: FilterableTypes, returned: GraphQLNamedType): string[] {
  const node = connections.get(returned.name)?.node;
  const types = node ? [node] : [returned, ...itemsOf(returned)];
  const members = types.flatMap((type) => (isAbstractType(type) ? schema.getPossibleTypes(type) : []));
  return [...types, ...members].map(({ name }) => name);
}

/** The names of the field that holds the objects of a page, in a type that is not a connection. */
const ITEMS = ['items', 'results', 'nodes', 'data', 'records', 'rows', 'list', 'entries', 'hits', 'docs', 'documents'];

function itemsOf(type: GraphQLNamedType): GraphQLNamedType[] {
  const fields = hasFields(type) ? type.getFields() : {};
  return ITEMS.flatMap((name) => {
    const returned = Object.hasOwn(fields, name) ? fields[name]?.type : undefined;
    return returned && isListType(getNullableType(returned)) ? [getNamedType(returned)] : [];
  });
}

/**
 * Returns the types that an input is named after, as in `usersCount(where: UserWhere)`, or for a field that returns a
 * leaf those that the field is named after.
 */
export function namedTargets(
  context: FilterableTypes,
  field: string,
  { type }: GraphQLArgument,
  returned: GraphQLNamedType,
): string[] {
  const startingAt = (names: readonly string[], start: number): readonly Candidate[] =>
    (context.candidates.get(names[start] ?? '') ?? []).filter(({ words }) =>
      words.every((word, index) => isLike(names[start + index], word)),
    );
  const byInput = startingAt(wordsOf(getNamedType(type).name), 0);
  const mentioning = wordsOf(field);
  const found =
    byInput.length > 0 || !isLeafType(returned)
      ? byInput
      : [...new Set(mentioning.flatMap((_, start) => startingAt(mentioning, start)))];
  const longest = Math.max(0, ...found.map(({ words }) => words.length));
  return found.filter(({ words }) => words.length === longest).flatMap((target) => targetsOf(context, target.type));
}

/** Returns the types of the objects that a filter field of this name leads to, as `account: AccountFilter` does. */
export function relatedTypes(context: FilterableTypes, target: string, name: string): string[] {
  const type = context.schema.getType(target);
  const field = hasFields(type) ? type.getFields()[name] : undefined;
  return field === undefined ? [] : targetsOf(context, getNamedType(field.type));
}
