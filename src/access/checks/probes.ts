import { getNamedType, type GraphQLArgument, type GraphQLField, isLeafType } from 'graphql';
import type { FilterContext } from './filter-targets.ts';
import { isCount, readingsOf, startsWith, wordsOf } from './filter-names.ts';

/** Words of a field that tells whether a value occurs: `ibanTaken`, `isEmailRegistered`. */
const OCCURS =
  /^(taken|available|availability|registered|exists?|existing|used?|unique|uniqueness|duplicates?|known|occupied|reserved|claimed|assigned)$/;
/** Words of a field that finds something by a value: `personIdByEmail`, `checkIban`. */
const FINDS = /^(check|checks|lookup|find|by|with|match|matches|matching|owner|owners|free)$/;
/** Names of an argument that say nothing of the value. */
const ANY_VALUE = /^(values?|input|text|string|term|candidate|q|query)$/i;

/**
 * Returns the guarded fields whose values a viewer can find out by trying: a field that returns a leaf, and says by its
 * name that it tells of an argument's value whether it occurs.
 */
export function probedFields(
  { guardedLeaves }: FilterContext,
  { name, args }: GraphQLField<unknown, unknown>,
  argument: GraphQLArgument,
): readonly string[] {
  const words = wordsOf(name);
  const occurs = words.some((word) => OCCURS.test(word));
  if (
    !isLeafType(getNamedType(argument.type)) ||
    (!occurs && !isCount(name) && !words.some((word) => FINDS.test(word)))
  ) {
    return [];
  }
  const mentions = (field: readonly string[]): boolean =>
    words.some((_, start) => startsWith(words.slice(start), field));
  const named = readingsOf(argument.name)
    .filter((value) => mentions(value) || (occurs && args.length === 1))
    .flatMap((value) => guardedLeaves.get(value.join(' ')) ?? []);
  if (named.length > 0) {
    return named;
  }
  return ANY_VALUE.test(argument.name)
    ? [...guardedLeaves].flatMap(([field, coordinates]) => (mentions(field.split(' ')) ? coordinates : []))
    : [];
}
