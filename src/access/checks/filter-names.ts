import { getNamedType, type GraphQLArgument, type GraphQLInputField, isInputObjectType, isScalarType } from 'graphql';

type Input = GraphQLArgument | GraphQLInputField;

const FILTER =
  /^_*(filters?|filter_?by|where|search|order|order_?by|sort|sort_?by|group_?by|distinct|distinct_?on|having)$/i;
const FILTER_TYPE = /(filter|where|order|order_?by|sort|group_?by|distinct_?on|having)(_?input|_?exp)?$/i;
const ORDER = /order|sort|group_?by|distinct|having/i;

const SEARCH = /^(search.*|q|query|keywords?|full_?text)$/i;
/** The text of a search, in a field that is named after it: `searchUsers(text:)`. */
const SEARCHED = /^(text|terms?|phrase|input)$/i;
/** Scalars that may hold a whole condition. */
const ANYTHING = /^(_?any(_?scalar|_?value)?|mixed|jsonb?(_?object|_?value|_?scalar)?|\w+json)$/i;

/** A word in the name of a field that counts. */
const COUNT = /^(counts?|counted|number|totals?|exists?|sum|avg|average|min|max|has|any)$/;

/** Scalars that cannot hold the name of a field. */
const NARROW = new Set(['Boolean', 'Int', 'Float']);

/** Recognizes a filter by its name or the name of its type; any input object that a list takes is one. */
export function isFilter({ name, type }: Input, isList: boolean): boolean {
  const named = getNamedType(type);
  return FILTER.test(name) || FILTER_TYPE.test(named.name) || (isList && isInputObjectType(named));
}

/** Tells whether an input is a scalar that holds a whole condition or order. */
export function isCondition({ name, type }: Input): boolean {
  const named = getNamedType(type);
  return isScalarType(named) && !NARROW.has(named.name) && (FILTER.test(name) || ANYTHING.test(named.name));
}

/** Tells whether an argument of a field is the text of a search. */
export function isSearch(field: string, { name, type }: Input): boolean {
  const isText = ['String', 'ID'].includes(getNamedType(type).name);
  return (
    name === 'search' || (isText && (SEARCH.test(name) || (wordsOf(field).includes('search') && SEARCHED.test(name))))
  );
}

/** Tells whether a field counts objects, or says that there are some. */
export function isCount(field: string): boolean {
  return wordsOf(field).some((word) => COUNT.test(word));
}

/** Tells whether an input sorts. */
export function isSort({ name, type }: Input): boolean {
  return ORDER.test(name) || ORDER.test(getNamedType(type).name);
}

/** Returns a word and its plurals. */
export function formsOf(word: string): readonly string[] {
  return [...new Set([word, `${word}s`, `${word}es`, word.replace(/y$/, 'ies')])];
}

/** Tells whether a word is another, or its plural. */
export function isLike(word: string | undefined, other: string): boolean {
  return word === other || (word?.startsWith(other.slice(0, -1)) === true && formsOf(other).includes(word));
}

/**
 * Tells whether a filter or sort value is named like a field: `iban`, `IBAN`, `ibanContains`, `iban_in`, `IBAN_DESC`.
 */
export function isNamedLike(name: string, field: string): boolean {
  const [words, prefix] = [wordsOf(name), wordsOf(field)];
  return prefix.every((word, index) => words[index] === word);
}

/** Returns the words of a name, in lower case. */
export function wordsOf(name: string): string[] {
  const spaced = /[a-z]/.test(name) ? name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2') : name;
  return spaced
    .toLowerCase()
    .split('_')
    .filter((word) => word !== '');
}
