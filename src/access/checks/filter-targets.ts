import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { type ConnectionRole, type FieldsType, hasFields } from '../policy/connections.ts';
import { isRoot, type ReadTable } from '../policy/field-checks.ts';
import type { Usages } from '../read/usages.ts';
import {
  formsOf,
  isCount,
  isLike,
  namesWhatItFilters,
  isFilter,
  leadsTo,
  saysFields,
  readingsOf,
  wordsOf,
  isNamedLike,
} from './filter-names.ts';
import { type KnownNames, knownNames, leavesCalled } from './leaves.ts';
import { ANSWER, GENERIC, kindOf } from './probe-words.ts';
import { type ReturnContext, targetsOf } from './returned-types.ts';

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
export interface FilterContext extends FilteredPolicy, ReturnContext {
  /** The types whose objects an argument may filter by its name, by the first word of theirs. */
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>;
  readonly known: KnownNames;
}

/** Finds the types and fields of a schema that arguments may be named after. */
export function filterContext(policy: FilteredPolicy, types: readonly FieldsType[]): FilterContext {
  const named = types.filter(({ name }) => !isRoot(policy.schema, name));
  return { ...policy, candidates: byFirstWord(named), known: knownNames(policy, named), returned: new Map() };
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

/**
 * Returns the types that an input is named after, as in `usersCount(where: UserWhere)`, or those of its field, or for a filter
 * those whose guarded fields it has.
 */
export function namedTargets(
  context: FilterContext,
  field: string,
  argument: GraphQLArgument,
  returned: GraphQLNamedType,
): string[] {
  const byInput = typesAt(context, wordsOf(getNamedType(argument.type).name), 0);
  const tells = isAnswer(returned) || isCount(field);
  if (byInput.length > 0 || !tells) {
    return longest(context, byInput);
  }
  const byField = typesNamedBy(context, field);
  const isOfUnknown = isFilter(argument, false) && !namesWhatItFilters(getNamedType(argument.type).name);
  return byField.length === 0 && isOfUnknown ? typesFilteredBy(context, argument) : byField;
}

/**
 * Tells whether an argument is the object that a field writes or computes with, rather than a filter, though it is called as one:
 * `placeOrder(order: OrderInput)`, `quote(order: OrderInput)`, `saveMatch(match: MatchInput)`.
 */
export function isWritten(
  { schema }: FilterContext,
  isMutation: boolean,
  field: string,
  { name, type }: GraphQLArgument,
): boolean {
  const input = getNamedType(type).name;
  const written = input.replace(/_?input(_?type)?$/i, '');
  const isOfType = written !== input && isObjectType(schema.getType(written));
  const isNamed = isMutation && wordsOf(written).every((word) => wordsOf(field).includes(word));
  const isOrder = isMutation && /^order$/i.test(name);
  return isOfType || isNamed || isOrder;
}

/** Returns the types that a field which counts or returns a value is named after, or those of the values that it sums up. */
export function typesNamedBy(context: FilterContext, field: string): string[] {
  const words = wordsOf(field);
  const found = [...new Set(words.flatMap((_, start) => typesAt(context, words, start)))];
  return longest(context, found.length > 0 ? found : aggregated(context, field));
}

function typesAt({ candidates }: FilterContext, names: readonly string[], start: number): readonly Candidate[] {
  return (candidates.get(names[start] ?? '') ?? []).filter(({ words }) =>
    words.every((word, index) => isLike(names[start + index], word)),
  );
}

function longest(context: FilterContext, found: readonly Candidate[]): string[] {
  const length = Math.max(0, ...found.map(({ words }) => words.length));
  return found.filter(({ words }) => words.length === length).flatMap(({ type }) => targetsOf(context, type));
}

/** Returns the types of which an input has the names of guarded fields that are guarded wherever they occur. */
function typesFilteredBy({ known }: FilterContext, { type }: GraphQLArgument): string[] {
  const input = getNamedType(type);
  const fields = isInputObjectType(input) ? Object.keys(input.getFields()) : [];
  const called = fields.flatMap((name) => leavesCalled(known, name));
  const certain = called.filter(
    ({ words, leaves }) => !GENERIC.test(words.join(' ')) && leaves.every(({ guard }) => guard === 'own'),
  );
  return [...new Set(certain.flatMap(({ leaves }) => leaves.map((leaf) => leaf.type)))];
}

/** Tells whether a type is a value, or an object that says one: `{ label value }`. */
export function isAnswer(returned: GraphQLNamedType): boolean {
  return (
    isLeafType(returned) ||
    (ANSWER.test(returned.name) &&
      hasFields(returned) &&
      Object.values(returned.getFields()).every((field) => isLeafType(getNamedType(field.type))))
  );
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

/**
 * Returns the guarded fields that a name reaches from a type: its own, also after the name of the type, and after the name of
 * a relation those of the related objects: `authorEmail`.
 */
export function fieldsReached(
  context: FilterContext,
  target: string,
  name: string,
  isLikeField: (words: readonly string[], field: readonly string[]) => boolean,
): string[] {
  const type = context.schema.getType(target);
  if (!hasFields(type)) {
    return [];
  }
  const readings = readingsOf(name);
  const fields = Object.values(type.getFields());
  const own = fields
    .filter((field) => readings.some((words) => isLikeField(words, wordsOf(field.name))))
    .map((field) => `${target}.${field.name}`);
  if (readings.every((words) => words.length === 1)) {
    return own;
  }
  const reached = (prefix: readonly string[], types: () => readonly string[]): string[] => {
    const rests = readings.filter((words) => leadsTo(words, prefix)).map((words) => words.slice(prefix.length));
    const isReached = (leaf: string): boolean => rests.some((words) => isLikeField(words, wordsOf(leaf)));
    return rests.some((words) => words.length > 0)
      ? types().flatMap((to) =>
          ownLeaves(context, to)
            .filter(isReached)
            .map((leaf) => `${to}.${leaf}`),
        )
      : [];
  };
  const related = fields
    .filter((field) => !isLeafType(getNamedType(field.type)))
    .flatMap((field) => reached(wordsOf(field.name), () => targetsOf(context, getNamedType(field.type))));
  return [...new Set([...own, ...reached(wordsOf(target), () => [target]), ...related])];
}

function ownLeaves({ schema, rules }: FilterContext, target: string): string[] {
  const type = schema.getType(target);
  const fields = hasFields(type) ? Object.values(type.getFields()) : [];
  return fields
    .filter(
      ({ name, type: returned }) =>
        isLeafType(getNamedType(returned)) && (rules.get(`${target}.${name}`)?.adds.length ?? 0) > 0,
    )
    .map(({ name }) => name);
}

/**
 * Tells whether an enum chooses fields of the types: each of its values names one, `by: [UserField!]`, or it says that it does, and
 * some of them do: `searchColumns: [SearchColumn!]`.
 */
export function isChoiceOfFields(
  context: FilterContext,
  targets: readonly string[],
  input: GraphQLArgument | GraphQLInputField,
): boolean {
  const named = getNamedType(input.type);
  const values = isEnumType(named) ? named.getValues() : [];
  const fields = fieldNames(context, targets);
  const isNamed = ({ name }: { readonly name: string }): boolean => fields.some((field) => isNamedLike(name, field));
  return values.length > 1 && (saysFields(input) ? values.some(isNamed) : values.every(isNamed));
}

/** Returns the fields of related objects that a name is that of, if the objects themselves have no such field, and all that have one guard it. */
export function fieldsOfRelated(context: FilterContext, target: string, { name, type }: GraphQLArgument): string[] {
  const schemaType = context.schema.getType(target);
  const fields = hasFields(schemaType) ? Object.values(schemaType.getFields()) : [];
  const called = leavesCalled(context.known, name).filter(({ words }) => !GENERIC.test(words.join(' ')));
  if (called.length === 0 || fields.some((field) => isNamedLike(name, field.name))) {
    return [];
  }
  const related = new Set(
    fields
      .map((field) => getNamedType(field.type))
      .filter((returned) => !isLeafType(returned))
      .flatMap((returned) => targetsOf(context, returned)),
  );
  const leaves = called.flatMap((one) => one.leaves).filter((leaf) => related.has(leaf.type));
  const isCertain = leaves.every(({ guard, kind }) => guard === 'own' && kind === 'text') && kindOf(type) === 'text';
  return isCertain && !isEnumType(getNamedType(type)) ? leaves.map(({ coordinate }) => coordinate) : [];
}

/** Returns the names of the fields of types. */
export function fieldNames({ schema }: FilterContext, targets: readonly string[]): string[] {
  return targets.flatMap((target) => {
    const type = schema.getType(target);
    return hasFields(type) ? Object.keys(type.getFields()) : [];
  });
}
