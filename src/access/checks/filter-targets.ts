import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
} from 'graphql';
import { type ConnectionRole, type FieldsType, hasFields } from '../policy/connections.ts';
import { isRoot, type ReadTable } from '../policy/field-checks.ts';
import type { Usages } from '../read/usages.ts';
import { formsOf, isCount, isLike, isPageDetail, wordsOf } from './filter-names.ts';

/** The parts of a policy that the check of filters reads. */
export interface FilteredPolicy extends ReadTable {
  readonly usages: Usages;
  readonly connections: ReadonlyMap<string, ConnectionRole>;
}

/** A type that an argument or a field may be named after. */
export interface Candidate {
  readonly type: GraphQLNamedType;
  readonly words: readonly string[];
}

/** A policy, with what is needed to find the objects that an argument chooses. */
export interface FilterContext extends FilteredPolicy {
  /** The types whose objects an argument may filter by its name, by the first word of theirs. */
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>;
  /** The fields of leaf types that require more than their objects do, by their words, joined. */
  readonly guardedLeaves: ReadonlyMap<string, readonly string[]>;
}

/** Finds the types and fields of a schema that arguments may be named after. */
export function filterContext(policy: FilteredPolicy, types: readonly FieldsType[]): FilterContext {
  const named = types.filter(({ name }) => !isRoot(policy.schema, name));
  return { ...policy, candidates: byFirstWord(named), guardedLeaves: guardedLeaves(policy, named) };
}

/** Groups types by the first word of their names, in the singular and the plural. */
function byFirstWord(types: readonly FieldsType[]): ReadonlyMap<string, readonly Candidate[]> {
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

function guardedLeaves({ rules }: ReadTable, types: readonly FieldsType[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const type of types) {
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      if ((rules.get(coordinate)?.adds.length ?? 0) > 0 && isLeafType(getNamedType(field.type))) {
        const words = wordsOf(field.name);
        const last = words.at(-1) ?? '';
        for (const form of formsOf(last)) {
          const key = [...words.slice(0, -1), form].join(' ');
          const coordinates = found.get(key) ?? [];
          coordinates.push(coordinate);
          found.set(key, coordinates);
        }
      }
    }
  }
  return found;
}

/** Tells whether a field returns many objects, out of which its arguments choose. */
export function isListed({ connections }: FilterContext, returned: GraphQLOutputType): boolean {
  const type = getNamedType(returned);
  return isListType(getNullableType(returned)) || connections.has(type.name) || itemsOf(type).length > 0;
}

/**
 * Returns the types of what a field returns: the nodes of a connection, the items of a page, an abstract type and all its
 * members.
 */
export function targetsOf({ schema, connections }: FilterContext, returned: GraphQLNamedType): string[] {
  const node = connections.get(returned.name)?.node;
  const types = node ? [node] : [returned, ...itemsOf(returned)];
  const members = types.flatMap((type) => (isAbstractType(type) ? schema.getPossibleTypes(type) : []));
  return [...types, ...members].map(({ name }) => name);
}

/** The names of the field that holds the objects of a page, in a type that is not a connection. */
const ITEMS = new Set([
  'items',
  'results',
  'nodes',
  'data',
  'records',
  'rows',
  'list',
  'entries',
  'hits',
  'docs',
  'documents',
]);

/** Returns the types of the objects of a page: of fields called so, or of its only list beside totals and cursors. */
function itemsOf(type: GraphQLNamedType): GraphQLNamedType[] {
  const fields = hasFields(type) ? Object.values(type.getFields()) : [];
  const lists = fields.filter((field) => isListType(getNullableType(field.type)));
  const others = fields.filter((field) => !lists.includes(field));
  const isPage = lists.length === 1 && others.length > 0 && others.every(({ name }) => isPageDetail(name));
  return lists
    .filter(({ name }) => isPage || ITEMS.has(name))
    .map((field) => getNamedType(field.type))
    .filter((item) => !isLeafType(item));
}

/**
 * Returns the types that an input is named after, as in `usersCount(where: UserWhere)`, or for a field that counts or
 * returns a leaf those that the field is named after, or those of the values that it sums up.
 */
export function namedTargets(
  context: FilterContext,
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
    byInput.length > 0 || !(isLeafType(returned) || isCount(field))
      ? byInput
      : [...new Set(mentioning.flatMap((_, start) => startingAt(mentioning, start)))];
  const longest = Math.max(0, ...found.map(({ words }) => words.length));
  const named = found.length > 0 ? found.filter(({ words }) => words.length === longest) : aggregated(context, field);
  return named.flatMap((target) => targetsOf(context, target.type));
}

/** Words that say what is computed of the values of a field. */
const AGGREGATE = /^(sums?|avg|averages?|totals?|min|minimum|max|maximum|mean|median)$/;

/** Returns the types that have the field of which another computes a number: `sumBalance`, `balanceAverage`. */
function aggregated({ candidates }: FilterContext, field: string): Candidate[] {
  const words = wordsOf(field);
  const rest = words.filter((word) => !AGGREGATE.test(word)).join(' ');
  if (rest === '' || words.every((word) => !AGGREGATE.test(word))) {
    return [];
  }
  const all = new Set([...candidates.values()].flat());
  return [...all].filter(
    ({ type }) => hasFields(type) && Object.keys(type.getFields()).some((name) => wordsOf(name).join(' ') === rest),
  );
}

/** Returns the types of the objects that a filter of this name leads to, as `account: AccountFilter` does. */
export function relatedTypes(context: FilterContext, target: string, name: string): string[] {
  const type = context.schema.getType(target);
  const fields = hasFields(type) ? type.getFields() : {};
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return field === undefined ? [] : targetsOf(context, getNamedType(field.type));
}
