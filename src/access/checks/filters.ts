import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isScalarType,
} from 'graphql';
import { type ConnectionRole, hasFields } from '../policy/connections.ts';
import { describeRequirement, type Requirement, remainingRequirements, withoutObject } from '../policy/requirements.ts';
import { isRoot, type ReadTable } from '../policy/field-checks.ts';
import type { Report } from '../policy/policy-error.ts';
import type { Rule } from '../policy/table.ts';
import type { Usages } from '../read/usages.ts';
import { fieldTypes } from './references.ts';

/** The parts of a policy that the check of filters reads. */
export interface FilterContext extends ReadTable {
  readonly usages: Usages;
  readonly connections: ReadonlyMap<string, ConnectionRole>;
}

/** An argument or input field that filters, sorts or searches objects. */
interface FilterInput {
  readonly coordinate: string;
  readonly input: GraphQLArgument | GraphQLInputField;
  /** The types of the objects that it filters. */
  readonly targets: readonly string[];
  /** The field that takes it. */
  readonly taker: Rule;
  /** True if it sorts, or is part of an input that does. */
  readonly sorts: boolean;
}

const FILTER =
  /^_*(filters?|filter_?by|where|search|order|order_?by|sort|sort_?by|group_?by|distinct|distinct_?on|having)$/i;
const FILTER_TYPE = /(filter|where|order|order_?by|sort|group_?by|distinct_?on|having)(_?input|_?exp)?$/i;
const ORDER = /order|sort|group_?by|distinct|having/i;

/** Scalars that cannot hold the name of a field. */
const NARROW = new Set(['Boolean', 'Int', 'Float']);

/**
 * Reports every filter field, sort value and search that reveals a guarded field without having its requirements. Each
 * is reported once, whichever field takes it.
 */
export function checkFilters(context: FilterContext, report: Report): void {
  for (const type of fieldTypes(context.schema)) {
    for (const field of Object.values(type.getFields())) {
      const taker = context.rules.get(`${type.name}.${field.name}`);
      if (taker !== undefined && !isDeniedToAll(taker)) {
        const returned = getNamedType(field.type);
        const isList = isListed(context, field.type) && type.name !== context.schema.getMutationType()?.name;
        for (const input of field.args.filter((argument) => isFilter(argument, isList))) {
          const coordinate = `${taker.coordinate}(${input.name}:)`;
          const targets = [
            ...new Set([...targetsOf(context, returned), ...namedTargets(context, field.name, input, returned)]),
          ];
          checkInput(context, { coordinate, input, targets, taker, sorts: isSort(input) }, new Set(), report);
        }
      }
    }
  }
}

/** Tells whether a field returns many objects, out of which its arguments choose. */
function isListed({ connections }: FilterContext, returned: GraphQLOutputType): boolean {
  return isListType(getNullableType(returned)) || connections.has(getNamedType(returned).name);
}

/** Recognizes a filter by its name or the name of its type; any input object that a list takes is one. */
function isFilter({ name, type }: GraphQLArgument, isList: boolean): boolean {
  const named = getNamedType(type);
  return FILTER.test(name) || FILTER_TYPE.test(named.name) || (isList && isInputObjectType(named));
}

function isSort({ name, type }: GraphQLArgument | GraphQLInputField): boolean {
  return ORDER.test(name) || ORDER.test(getNamedType(type).name);
}

/** Returns the types of what a field returns: the nodes of a connection, an abstract type and all its members. */
function targetsOf({ schema, connections }: FilterContext, returned: GraphQLNamedType): string[] {
  const type = connections.get(returned.name)?.node ?? returned;
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  return [type, ...members].map(({ name }) => name);
}

/**
 * Returns the types that an input is named after, as in `usersCount(where: UserWhere)`, or for a field that returns a
 * leaf those that the field is named after.
 */
function namedTargets(
  context: FilterContext,
  field: string,
  { type }: GraphQLArgument,
  returned: GraphQLNamedType,
): string[] {
  const types = fieldTypes(context.schema).filter(({ name }) => !isRoot(context.schema, name));
  const input = wordsOf(getNamedType(type).name);
  const byInput = types.filter(({ name }) => wordsOf(name).every((word, index) => input[index] === word));
  const found =
    byInput.length > 0 || !isLeafType(returned) ? byInput : types.filter(({ name }) => isMentioned(name, field));
  const longest = Math.max(0, ...found.map(({ name }) => wordsOf(name).length));
  return found.filter(({ name }) => wordsOf(name).length === longest).flatMap((target) => targetsOf(context, target));
}

/** Tells whether the name of a field has the name of a type in it, in the singular or the plural. */
function isMentioned(type: string, field: string): boolean {
  const [words, wanted] = [wordsOf(field), wordsOf(type)];
  return words.some((_, start) => wanted.every((word, index) => isLike(words[start + index], word)));
}

function isLike(word: string | undefined, other: string): boolean {
  return word === other || word === `${other}s` || word === `${other}es` || word === other.replace(/y$/, 'ies');
}

/** Tells whether no viewer reaches the field, so that nothing is revealed by its filters. */
function isDeniedToAll({ requirements }: Rule): boolean {
  return requirements.some((requirement) => describeRequirement(requirement) === 'never');
}

function checkInput(context: FilterContext, filter: FilterInput, seen: Set<string>, report: Report): void {
  const { input, targets, taker } = filter;
  const type = getNamedType(input.type);
  checkCondition(context, filter, report);
  const visit = `${type.name} ${targets.join()}`;
  if (seen.has(visit)) {
    return;
  }
  seen.add(visit);
  if (isEnumType(type) && filter.sorts) {
    for (const { name } of type.getValues()) {
      checkName(context, `${type.name}.${name}`, name, filter, report);
    }
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      const inner = `${type.name}.${field.name}`;
      checkName(context, inner, field.name, filter, report);
      const related = targets.flatMap((target) => relatedTypes(context, target, field.name));
      const sorts = filter.sorts || isSort(field);
      const next = { coordinate: inner, input: field, targets: related.length > 0 ? related : targets, taker, sorts };
      checkInput(context, next, seen, report);
    }
  }
}

/** Reports a search, or a condition that is a text or any value, over types with guarded fields. */
function checkCondition(
  context: FilterContext,
  { coordinate, input, targets, taker }: FilterInput,
  report: Report,
): void {
  const type = getNamedType(input.type);
  const isSearch = input.name === 'search';
  if (!isSearch && !(FILTER.test(input.name) && isScalarType(type) && !NARROW.has(type.name))) {
    return;
  }
  const behind = context.rules.get(coordinate)?.requirements ?? [];
  const revealed = targets.flatMap((target) => guardedFields(context, target, isSearch, behind, taker));
  if (revealed.length > 0 && (context.usages.get(coordinate)?.reads.length ?? 0) === 0) {
    const what = isSearch ? 'searches' : 'filters or sorts';
    report(
      coordinate,
      `${what} without saying what, and ${revealed[0]} is guarded; add @reads(fields: ["Type.field"])`,
    );
  }
}

/** Returns the fields of a type that a viewer may not read who may reach the field that takes the filter. */
function guardedFields(
  context: FilterContext,
  target: string,
  onlyLeaves: boolean,
  behind: readonly Requirement[],
  taker: Rule,
): string[] {
  const type = context.schema.getType(target);
  const fields = hasFields(type) ? Object.values(type.getFields()) : [];
  return fields
    .filter((field) => !onlyLeaves || isLeafType(getNamedType(field.type)))
    .map((field) => context.rules.get(`${target}.${field.name}`))
    .flatMap((rule) => (rule !== undefined && reveals(context, rule, behind, taker) ? [rule.coordinate] : []));
}

/** Returns the types of the objects that a filter field of this name leads to, as `account: AccountFilter` does. */
function relatedTypes(context: FilterContext, target: string, name: string): string[] {
  const type = context.schema.getType(target);
  const field = hasFields(type) ? type.getFields()[name] : undefined;
  return field === undefined ? [] : targetsOf(context, getNamedType(field.type));
}

function checkName(
  context: FilterContext,
  coordinate: string,
  name: string,
  filter: FilterInput,
  report: Report,
): void {
  const behind = context.rules.get(coordinate)?.requirements ?? [];
  for (const target of filter.targets) {
    const type = context.schema.getType(target);
    const fields = hasFields(type) ? Object.keys(type.getFields()) : [];
    for (const field of fields.filter((candidate) => isNamedLike(name, candidate))) {
      const rule = context.rules.get(`${target}.${field}`);
      if (rule !== undefined && reveals(context, rule, behind, filter.taker)) {
        report(
          coordinate,
          `filters or sorts by ${rule.coordinate}, which is guarded; add @reads(fields: ["${rule.coordinate}"])`,
        );
      }
    }
  }
}

/** Tells whether a viewer may filter by the field who may not read it. */
function reveals({ roles }: FilterContext, rule: Rule, behind: readonly Requirement[], taker: Rule): boolean {
  const own = rule.adds.map(withoutObject);
  const all = rule.requirements.map(withoutObject);
  return (
    remainingRequirements(own, behind, roles).length > 0 ||
    remainingRequirements(all, [...behind, ...taker.requirements], roles).length > 0
  );
}

/**
 * Tells whether a filter or sort value is named like a field: `iban`, `IBAN`, `ibanContains`, `iban_in`, `IBAN_DESC`.
 */
export function isNamedLike(name: string, field: string): boolean {
  const [words, prefix] = [wordsOf(name), wordsOf(field)];
  return prefix.every((word, index) => words[index] === word);
}

function wordsOf(name: string): string[] {
  const spaced = /[a-z]/.test(name) ? name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2') : name;
  return spaced
    .toLowerCase()
    .split('_')
    .filter((word) => word !== '');
}
