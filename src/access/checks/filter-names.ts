import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLInputField,
  isEnumType,
  isInputObjectType,
  isScalarType,
} from 'graphql';

type Input = GraphQLArgument | GraphQLInputField;

const FILTER =
  /^_*(filters?|filter_?by|where|search|order|order_?by|sort|sort_?by|group_?by|distinct|distinct_?on|having|(order|sort|group)_?(by_?)?(field|column|key|path)|criteri(a|on)|conditions?|predicates?|selectors?|match(es|ing)?|expr(ession)?|rsql|fiql|odata|lucene|dsl)$/i;
/** The last word of an argument that filters: `userFilter`. */
const LAST_WORD = /^(filters?|where|criteria|conditions|predicate|having)$/;
const FILTER_TYPE =
  /(filter|where|order|order_?by|sort|group_?by|distinct_?on|having|criteria|conditions?|predicate|selector)(_?input|_?exp|_?expr|_?expression)?$/i;
const ORDER = /order|sort|group_?by|distinct|having/i;

const SEARCH = /^(search.*|q|query|keywords?|full_?text|contains|starts_?with|prefix)$/i;
/** The text of a search, in a field that is named after it: `searchUsers(text:)`. */
const SEARCHED = /^(text|terms?|phrase|input|value|prefix)$/i;
/** A word in the name of a field that searches. */
const SEARCHING = /^(search|find|lookup|suggest|suggestions|autocomplete|typeahead|match|matching)$/;
const KEY = /^_*(by|find_?by|unique|unique_?by|keys?|lookup|like)$/i;
/** Scalars that may hold a whole condition. */
const ANYTHING = /^(_?any(_?scalar|_?value)?|mixed|jsonb?(_?object|_?value|_?scalar)?|\w+json)$/i;
const CONDITION =
  /(filter|where|criteria|conditions?|predicate|having|order_?by|group_?by)(_?exp|_?expr|_?expression)?$/i;

/** A word after the name of a field that says how it is compared: `emailContains`, `email_starts_with`. */
const OPERATOR =
  /^(eq|neq?|in|nin|not|contain(s|ing)?|includes?|starts?|starting|begins?|ends?|ending|with|i?like|i?regex|i?exact|match(es|ing)?|[gl]te?|[gl]e|above|below|over|under|after|before|since|until|between|from|to|than|of|or|and|min|max|any|all|some|none|equals?|is|null|exists|insensitive|ci|prefix|suffix|values?|lists?)$/;

/** A word in the name of a field that counts. */
const COUNT =
  /^(counts?|counted|number|totals?|exists?|sum|avg|average|min|max|has|any|aggregates?|aggregated|aggregations?|stats|statistics|histogram|facets|grouped|breakdown|distribution|buckets)$/;

/** A field of a page beside its list. */
const PAGE_DETAIL =
  /^(total|count|total_?(count|items|pages)|page_?(info|size|count)?|pages|limit|offset|cursor|(next|previous|prev|end|start)_?(page|cursor|token)|has_?(more|next|next_?page|previous_?page)|meta)$/i;

/** An input that holds the name of a field: `{ field: "iban", op: "eq" }`. */
const FIELD_NAME = /^(field|column|property|attribute|path)(_?names?|_?paths?|s)?$/i;

/** Scalars that cannot hold the name of a field. */
const NARROW = /^(Boolean|Int|Float|id|[UuGg]uid|[UG]UID)$|(_id|Id|ID)$/;

/** Recognizes a filter by its name or the name of its type; any input object that a list or a count takes is one. */
export function isFilter({ name, type }: Input, isMany: boolean): boolean {
  const named = getNamedType(type);
  return isFilterName(name) || FILTER_TYPE.test(named.name) || (isMany && isInputObjectType(named));
}

/** Tells whether the type of a filter says what it filters, `EventWhere`, rather than `Where` or `Emails`. */
export function namesWhatItFilters(type: string): boolean {
  return FILTER_TYPE.test(type) && type.replace(FILTER_TYPE, '') !== '';
}

/** Tells whether an input is called as filters and orders are. */
export function isFilterName(name: string): boolean {
  return FILTER.test(name) || LAST_WORD.test(wordsOf(name).at(-1) ?? '');
}

/** Tells whether an input is called as a filter, and not as the filter of one field: `stateFilter: State`. */
export function isWholeFilter({ name }: Input): boolean {
  return FILTER.test(name);
}

/** Recognizes an input object that chooses one object: `user(by: UserBy)`. */
export function isKey({ name, type }: Input): boolean {
  const named = getNamedType(type);
  return isInputObjectType(named) && (named.isOneOf || KEY.test(name));
}

/** Tells whether an input is a scalar that holds a whole condition or order. */
export function isCondition({ name, type }: Input): boolean {
  const named = getNamedType(type);
  return (
    isScalarType(named) &&
    !NARROW.test(named.name) &&
    (isFilterName(name) || ANYTHING.test(named.name) || CONDITION.test(named.name))
  );
}

/** Tells whether an argument of a field is the text of a search. */
export function isSearch(field: string, { name, type }: Input): boolean {
  const isText = ['String', 'ID'].includes(getNamedType(type).name);
  return name === 'search' || (isText && (SEARCH.test(name) || (SEARCHED.test(name) && isSearching(field))));
}

/** Tells whether an argument may be a part of the texts that a field returns: `emails(prefix:)`. */
export function isPartOfText({ name, type }: Input): boolean {
  const isText = ['String', 'ID'].includes(getNamedType(type).name);
  return isText && (SEARCH.test(name) || SEARCHED.test(name) || isOperator(name.toLowerCase()));
}

/** Tells whether a word says how values are compared. */
export function isOperator(word: string): boolean {
  return OPERATOR.test(word);
}

/** An argument that chooses what is returned of objects, not the objects. */
const PROJECTION = /^(fields|select|selection|include|exclude|only|omit|columns|attributes|properties|projection)$/i;

/** Tells whether an argument chooses the fields that are returned. */
export function isProjection({ name }: Input): boolean {
  return PROJECTION.test(name);
}

/** Tells whether a field counts objects, or says that there are some. */
export function isCount(field: string): boolean {
  return wordsOf(field).some((word) => COUNT.test(word));
}

/** Tells whether a field of a type with one list is what pages have beside it. */
export function isPageDetail(name: string): boolean {
  return PAGE_DETAIL.test(name);
}

/** Tells whether an input is a text that names the field to filter or sort by. */
export function isFieldName({ name, type }: Input): boolean {
  return FIELD_NAME.test(name) && getNamedType(type).name === 'String';
}

/** Tells whether an enum is called a choice of fields, or its input is. */
export function saysFields({ name, type }: Input): boolean {
  return [name, getNamedType(type).name.replace(/_?(enum|input|type)$/i, '')].some((one) =>
    CHOICE.test(wordsOf(one).at(-1) ?? ''),
  );
}

const CHOICE = /^(fields?|columns?|attributes?|propert(y|ies))$/;

/** An enum that chooses the key by which one object is found: `user(id: ID!, idType: UserIdType)`. */
const KEY_CHOICE =
  /^((id|key|lookup|search|match|find|identifier)_?)?(by|field|key|column|attribute|property)$|^(id|key|identifier|lookup)_?type$/i;

/** Tells whether an argument says by what another one finds an object. */
export function isKeyChoice({ name, type }: GraphQLArgument, all: readonly GraphQLArgument[]): boolean {
  const isText = (one: GraphQLArgument): boolean => one.name !== name && isScalarType(getNamedType(one.type));
  return KEY_CHOICE.test(name) && isEnumType(getNamedType(type)) && all.some(isText);
}

/** Tells whether the name of a field says that it searches. */
export function isSearching(field: string): boolean {
  return wordsOf(field).some((word) => SEARCHING.test(word));
}

/** Tells whether an input sorts. */
export function isSort({ name, type }: Input): boolean {
  return ORDER.test(name) || ORDER.test(getNamedType(type).name);
}

/** Returns a word and its plurals. */
export function formsOf(word: string): readonly string[] {
  return [
    ...new Set([
      word,
      `${word}s`,
      `${word}es`,
      word.replace(/y$/, 'ies'),
      word.replace(/sis$/, 'ses'),
      IRREGULAR[word] ?? word,
    ]),
  ];
}

const IRREGULAR: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  person: 'people',
  child: 'children',
});

/** Tells whether a word is another, or its plural. */
export function isLike(word: string | undefined, other: string): boolean {
  return word === other || (word?.startsWith(other.slice(0, 2)) === true && formsOf(other).includes(word));
}

/**
 * Tells whether the words of a filter or sort value are those of a field: `iban`, `IBAN`, `ibanContains`, `iban_in`,
 * `IBAN_DESC`, `minBalance`, `ibans`.
 */
export function isNamedLike(name: string, field: string): boolean {
  const prefix = wordsOf(field);
  return readingsOf(name).some((words) => startsWith(words, prefix));
}

/** Tells whether words are those of a field, and no more than a comparison follows: `iban`, `ibans`, `iban_eq`. */
export function isSameName(words: Words, field: Words): boolean {
  return startsWith(words, field) && words.slice(field.length).every(isOperator);
}

/** Tells whether words begin with others, of which the last may be in the plural; a name like `_` has none. */
export function startsWith(words: readonly string[], prefix: readonly string[]): boolean {
  const last = prefix.length - 1;
  return (
    last >= 0 && prefix.every((word, index) => (index === last ? isLike(words[index], word) : words[index] === word))
  );
}

/** Tells whether words begin with the name of a relation, which may be in the plural: `assigneeEmail` of `assignees`. */
export function leadsTo(words: Words, relation: Words): boolean {
  const last = relation.length - 1;
  return (
    startsWith(words, relation) ||
    (last >= 0 &&
      relation.every((word, index) => (index === last ? isLike(word, words[index] ?? '') : words[index] === word)))
  );
}

/** Words before the name of a field. */
const LEADING = /^(by|with|without|has|have|is|in|not?|where|for|min|max|from|to|excluded?|included?|only|having)$/;

type Words = readonly string[];

/** The readings of the names of the schema that is being checked: it has few names, and each is compared with many. */
const known = new Map<string, readonly [Words, ...Words[]]>();

/** Forgets the names of a schema, once it is checked. */
export function forgetNames(): void {
  known.clear();
}

/** Returns the words of a name, in lower case. */
export function wordsOf(name: string): Words {
  return readingsOf(name)[0];
}

/** Returns the words of a name, those that remain without words that lead to the name of a field, and each of alternatives. */
export function readingsOf(name: string): readonly [Words, ...Words[]] {
  const before = known.get(name);
  if (before !== undefined) {
    return before;
  }
  const words = split(name);
  const leading = words.findIndex((word) => !LEADING.test(word));
  const rest = words.slice(1, leading === -1 ? words.length : leading + 1);
  const readings = [words, ...rest.map((_, index) => words.slice(index + 1)), ...alternativesIn(words)] as const;
  known.set(name, readings);
  return readings;
}

/** Returns the parts of a name that are joined by a word: `emailOrPhone`. */
function alternativesIn(words: Words): Words[] {
  const joints = words.flatMap((word, index) => (word === 'or' || word === 'and' ? [index] : []));
  const ends = [...joints, words.length];
  return joints.length === 0
    ? []
    : ends.map((end, index) => words.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end));
}

function split(name: string): string[] {
  const spaced = /[a-z]/.test(name) ? name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2') : name;
  return spaced
    .toLowerCase()
    .split('_')
    .filter((word) => word !== '');
}
