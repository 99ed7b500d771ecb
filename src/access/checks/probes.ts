import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  isLeafType,
  isListType,
} from 'graphql';
import type { FieldsType } from '../policy/connections.ts';
import { isRoot } from '../policy/field-checks.ts';
import { isCount, isLike, isOperator, isPartOfText, wordsOf } from './filter-names.ts';
import { type FilterContext, isAnswer } from './filter-targets.ts';
import { type Called, type KnownNames, type Leaf, leavesCalled, leavesNamed, runsOf, typesNamedIn } from './leaves.ts';
import {
  ANY_VALUE,
  ASKS,
  COMPARES,
  COMPUTES,
  CREDENTIAL,
  FINDS,
  GENERIC,
  isQuantity,
  kindOf,
  LEADS_TO,
  LISTS,
  OCCURS,
  PAGING,
  SUBJECT,
  THRESHOLD,
} from './probe-words.ts';

/** An argument that may be compared with guarded values, and the field that takes it. */
export interface Question {
  readonly type: FieldsType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly argument: GraphQLArgument;
}

/** A question, and what its names say. */
interface Names extends Question {
  /** The words of the field. */
  readonly words: readonly string[];
  /** The types that the field is named after, and the type that has it. */
  readonly types: readonly string[];
  /** The fields that the argument is named after. */
  readonly called: readonly Called[];
}

/**
 * Returns the guarded fields whose values a viewer can find out by trying: the field says by its name that it tells
 * whether a value occurs, finds something by it, compares with it, or completes it.
 */
export function probedFields(context: FilterContext, question: Question): readonly string[] {
  const { type, field, argument } = question;
  if (!isLeafType(getNamedType(argument.type)) || getNamedType(argument.type).name === 'Boolean') {
    return [];
  }
  const { known, schema } = context;
  const words = wordsOf(field.name);
  const called = leavesCalled(known, argument.name);
  if (called.length === 0 && !isAnyValue(argument, words)) {
    return []; // Most arguments end here.
  }
  const mentioned = typesNamedIn(known, words);
  const types = isRoot(schema, type.name) ? mentioned : [...mentioned, type.name];
  const names = { ...question, words, types, called };
  const isMutation = type === schema.getMutationType();
  if (isMutation && !QUESTION.test(words[0] ?? '')) {
    return [];
  }
  for (const rule of isMutation ? [valuesThatOccur] : RULES) {
    const found = rule(known, names);
    if (found.length > 0) {
      return found.map(({ coordinate }) => coordinate);
    }
  }
  return [];
}

/** Tells whether an argument may be compared with the values that its field is named after. */
function isAnyValue(argument: GraphQLArgument, words: readonly string[]): boolean {
  const { name } = argument;
  return (
    isListing(argument) ||
    ANY_VALUE.test(name) ||
    THRESHOLD.test(name) ||
    words.at(-1) === name ||
    words.some((word) => COMPARES.test(word))
  );
}

/** Tells whether an argument is a part of texts, or says how values are compared: `prefix`, `above`. */
function isListing(argument: GraphQLArgument): boolean {
  const { name } = argument;
  return !PAGING.test(name) && (isPartOfText(argument) || wordsOf(name).every(isOperator));
}

/** The first word of a mutation that only asks. */
const QUESTION = /^(is|are|has|have|does|check|exists?)$/;

type ProbeRule = (known: KnownNames, names: Names) => readonly Leaf[];

/** `emailTaken(email:)`, `ibanKnown(value:)`, `idByEmail(email:)`. */
const valuesThatOccur: ProbeRule = (known, names) => {
  const { words, field, argument, called } = names;
  const occurs = words.some((word) => OCCURS.test(word));
  const finds = isCount(field.name) || words.some((word) => FINDS.test(word));
  if (!occurs && (!finds || computes(names))) {
    return [];
  }
  const named = called
    .filter((one) => mentions(words, one.words) || (occurs && field.args.length === 1))
    .flatMap((one) => guardedOf(names, one.leaves));
  if (named.length > 0 || !(ANY_VALUE.test(argument.name) || words.at(-1) === argument.name)) {
    return named;
  }
  return guardedOf(names, mentionedLeaves(known, words));
};

/** `isMember(email:)`, `nameOf(email:)`, `accountIdForIban(iban:)`, `checkUser(email:)`. */
const valuesLookedUp: ProbeRule = (known, names) => {
  const isCredential = names.field.args.some(({ name }) => name !== names.argument.name && CREDENTIAL.test(name));
  if (isQuantity(names.argument.type) || computes(names) || isCredential) {
    return [];
  }
  return names.called.filter((one) => identifies(known, names, one)).flatMap((one) => certainlyGuarded(names, one));
};

/** Tells whether a field tells something of the object that has a value. */
function identifies(
  { types: typesByName, fields }: KnownNames,
  names: Names,
  { words: value, leaves }: Called,
): boolean {
  const { words, field, type, types } = names;
  const returned = getNamedType(field.type);
  const finds = words.some((word) => FINDS.test(word));
  const isOnlyFinding = words.every((word) => FINDS.test(word) || ASKS.test(word) || LEADS_TO.test(word));
  if ((finds && isOnlyFinding) || (finds && leaves.some((leaf) => types.includes(leaf.type)))) {
    return true;
  }
  const start = startOf(words, value);
  if (returned.name === 'Boolean') {
    const asks = (ASKS.test(words[0] ?? '') || LEADS_TO.test(words.at(-1) ?? '')) && start === -1;
    return asks || leaves.some((leaf) => leaf.type === type.name);
  }
  if (!isLeafType(returned)) {
    return start === -1 && LEADS_TO.test(words.at(-1) ?? '');
  }
  const rest = besides(words, start, value.length).filter((word) => !LEADS_TO.test(word));
  return rest.some((_, index) => {
    const name = rest.slice(index).join(' ');
    return SUBJECT.test(name) || typesByName.has(name) || fields.has(name);
  });
}

/**
 * Returns the words of a field besides those of its argument: all before `for`, or after `to`. A name that has the argument in it
 * otherwise says something of the value itself: `ibanCountry(iban:)`.
 */
function besides(words: readonly string[], start: number, length: number): readonly string[] {
  if (start === -1 || LEADS_TO.test(words[start - 1] ?? '')) {
    return start === -1 ? words : words.slice(0, start);
  }
  return words[start + length] === 'to' ? words.slice(start + length) : [];
}

/** `balanceAbove(amount:)`, `salaryBetween(from:, to:)`, `earnsMoreThan(salary:)`. */
const valuesCompared: ProbeRule = (known, names) => {
  const { words, field, argument, called } = names;
  const isPage = isListType(getNullableType(field.type)) ? PAGING : /^(ids?|currency|unit|precision|scale|locale)$/i;
  if (!words.some((word) => COMPARES.test(word)) || isPage.test(argument.name) || computes(names)) {
    return [];
  }
  const named = field.args.length === 1 ? called.flatMap((one) => certainlyGuarded(names, one)) : [];
  if (named.length > 0) {
    return named;
  }
  const kind = kindOf(argument.type);
  const compared = mentionedLeaves(known, words).filter((leaf) => leaf.kind === kind);
  return kind !== 'text' || THRESHOLD.test(argument.name) ? guardedOf(names, compared) : [];
};

/** Tells whether an argument completes the values of fields that are not guarded: `userNames(prefix:)`. */
export function completesOpenValues({ known }: FilterContext, field: string, argument: string): boolean {
  if (!wordsOf(argument).every(isOperator)) {
    return false;
  }
  const words = wordsOf(field);
  const types = typesNamedIn(known, words);
  const listed = leavesNamed(known, listedIn(words))?.leaves ?? [];
  const typed = listed.filter(({ type }) => types.includes(type));
  return typed.length > 0 && typed.every(({ guard }) => guard !== 'own');
}

/** Returns the words for the values in the name of a field that lists or completes them. */
function listedIn(words: readonly string[]): string[] {
  return words.filter((word) => !LISTS.test(word));
}

/** `emails(prefix:)`, `suggestEmails(term:)`, `userEmails(startsWith:)`. */
const valuesCompleted: ProbeRule = (known, names) => {
  const { words, field, argument } = names;
  if (!isAnswer(getNamedType(field.type)) || !isListing(argument)) {
    return [];
  }
  const kind = kindOf(argument.type);
  const leaves = leavesNamed(known, listedIn(words))?.leaves ?? [];
  return guardedOf(
    names,
    leaves.filter((leaf) => isPartOfText(argument) || leaf.kind === kind),
  );
};

const RULES: readonly ProbeRule[] = [valuesThatOccur, valuesLookedUp, valuesCompared, valuesCompleted];

/** Returns the guarded ones of some fields: of the types that are named, if these have such a field. */
function guardedOf({ types, words }: Names, leaves: readonly Leaf[]): Leaf[] {
  const typed = leaves.filter((leaf) => types.includes(leaf.type));
  const isOfType = ({ guard, coordinate }: Leaf): boolean =>
    guard === 'type' && words.some((word) => OCCURS.test(word)) && !coordinate.endsWith('.id');
  return typed.length > 0
    ? typed.filter((leaf) => leaf.guard === 'own' || isOfType(leaf))
    : leaves.filter(({ guard }) => guard === 'own');
}

/** Returns the fields of a name if each of them is guarded, and the name says what it holds; or those of the types that are named. */
function certainlyGuarded(names: Names, { words, leaves }: Called): Leaf[] {
  const typed = leaves.filter((leaf) => names.types.includes(leaf.type));
  const isCertain = !GENERIC.test(words.join(' ')) && leaves.every(({ guard }) => guard === 'own');
  return typed.length > 0 || isCertain ? guardedOf(names, leaves) : [];
}

function computes({ words }: Names): boolean {
  return words.some((word) => COMPUTES.test(word));
}

function mentionedLeaves({ leaves }: KnownNames, words: readonly string[]): Leaf[] {
  return [...new Set(runsOf(words).flatMap((run) => leaves.get(run.join(' ')) ?? []))];
}

function mentions(words: readonly string[], value: readonly string[]): boolean {
  return startOf(words, value) !== -1;
}

/** Returns the place at which the name of a value begins in the name of a field, or -1. */
function startOf(words: readonly string[], value: readonly string[]): number {
  return words.findIndex((_, start) => value.every((word, index) => isSame(words[start + index], word)));
}

/** Tells whether two words are the same, or one is the plural of the other. */
function isSame(word: string | undefined, other: string): boolean {
  return word !== undefined && (isLike(word, other) || isLike(other, word));
}
