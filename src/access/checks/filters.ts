import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  isEnumType,
  isInputObjectType,
  isLeafType,
} from 'graphql';
import { type FieldsType, hasFields } from '../policy/connections.ts';
import { describeRequirement, type Requirement, remainingRequirements, withoutObject } from '../policy/requirements.ts';
import { isFederationField } from '../policy/federation.ts';
import type { Report } from '../policy/policy-error.ts';
import type { Rule } from '../policy/table.ts';
import {
  forgetNames,
  isCondition,
  isCount,
  isFieldName,
  isFilter,
  isFilterName,
  isKey,
  isNamedLike,
  isProjection,
  isSameName,
  isKeyChoice,
  isSearch,
  isSearching,
  isSort,
  isWholeFilter,
  startsWith,
  wordsOf,
} from './filter-names.ts';
import {
  filterContext,
  type FilterContext,
  type FilteredPolicy,
  fieldNames,
  fieldsOfRelated,
  fieldsReached,
  isAnswer,
  isChoiceOfFields,
  isWritten,
  namedTargets,
  typesNamedBy,
} from './filter-targets.ts';
import { describesChoice } from './probe-words.ts';
import { completesOpenValues, probedFields } from './probes.ts';
import { fieldTypes } from './references.ts';
import { isListed, relatedTypes, searchedTypes, targetsOf } from './returned-types.ts';

/** An argument or input field that filters, sorts or searches objects. */
interface FilterInput {
  readonly coordinate: string;
  readonly input: GraphQLArgument | GraphQLInputField;
  /** The types of the objects that it filters. */
  readonly targets: readonly string[];
  /** The field that takes it. */
  readonly taker: Rule;
  /** True if its values are names of fields: it sorts, is part of an input that does, or chooses a key. */
  readonly sorts: boolean;
  /** True if it is the text of a search. */
  readonly searches: boolean;
  /** Tells whether it must not reveal a field with this rule. */
  readonly matters: (rule: Rule) => boolean;
}

/**
 * Reports every filter field, sort value and search that reveals a guarded field without having its requirements. Each
 * is reported once, whichever field takes it.
 */
export function checkFilters(policy: FilteredPolicy, report: Report): void {
  const types = fieldTypes(policy.schema);
  const context = filterContext(policy, types);
  for (const type of types) {
    for (const field of Object.values(type.getFields())) {
      const taker = context.rules.get(`${type.name}.${field.name}`);
      if (taker !== undefined && !isDeniedToAll(taker)) {
        const isFederation = isFederationField(context.schema, type.name, field.name);
        for (const argument of isFederation ? [] : field.args) {
          checkArgument(context, { type, field, argument, taker }, report);
        }
      }
    }
  }
  forgetNames();
}

/** An argument with the field that takes it. */
interface Taken {
  readonly type: FieldsType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly argument: GraphQLArgument;
  readonly taker: Rule;
}

function checkArgument(context: FilterContext, taken: Taken, report: Report): void {
  const { type, field, argument, taker } = taken;
  const returned = getNamedType(field.type);
  const isMutation = type.name === context.schema.getMutationType()?.name;
  const isList = !isMutation && isListed(context, field.type);
  const isCounting = !isMutation && isCount(field.name);
  const isChoosing = isList || isCounting || (!isMutation && isAnswer(returned));
  const isNamedFilter =
    isFilter(argument, isList || isCounting) &&
    (isList || isCounting || !isWritten(context, isMutation, field.name, argument));
  const isOneKey = !isMutation && !isNamedFilter && isKey(argument);
  const searches =
    isSearch(field.name, argument) &&
    !(isLeafType(returned) && completesOpenValues(context, field.name, argument.name));
  const isSearched = (!isMutation && searches) || (isChoosing && isCondition(argument));
  const isKeyed = !isMutation && isKeyChoice(argument, field.args);
  const isChosen = isChoosing || isKeyed || (!isMutation && isSearching(field.name));
  const isEnum = isChosen && isEnumType(getNamedType(argument.type)) && !onlyDescribes(context, taken);
  const coordinate = `${taker.coordinate}(${argument.name}:)`;
  if (!saysWhatItReads(context, coordinate)) {
    checkArgumentName(context, taken, { coordinate, isChoosing: isList || isCounting }, report);
  }
  if (!isNamedFilter && !isSearched && !isEnum && !isOneKey) {
    return; // Most arguments end here: finding the types that they are named after is expensive.
  }
  const named = isOneKey ? [] : namedTargets(context, field.name, argument, returned);
  const own = [...new Set([...targetsOf(context, returned), ...named])];
  const related = isFilterName(argument.name)
    ? []
    : own.flatMap((target) => relatedTypes(context, target, argument.name));
  const targets = related.length > 0 ? related : own;
  const matters = isOneKey || isKeyed ? isOwn : isAny;
  const sorts = isKeyed || isSort(argument);
  const filter = { coordinate, input: argument, targets, taker, sorts, searches, matters };
  checkInput(context, filter, new Set(), report);
}

/** Tells whether an argument chooses the fields of the objects that are returned, or what a text describes. */
function onlyDescribes(context: FilterContext, { field, argument }: Taken): boolean {
  const returned = getNamedType(field.type);
  return isLeafType(returned)
    ? describesChoice(wordsOf(field.name))
    : isProjection(argument) && isChoiceOfFields(context, targetsOf(context, returned), argument);
}

/** Reports an argument that is named like a guarded field of the objects that it chooses, or that it tells something of. */
function checkArgumentName(
  context: FilterContext,
  taken: Taken,
  { coordinate, isChoosing }: { readonly coordinate: string; readonly isChoosing: boolean },
  report: Report,
): void {
  const { type, field, argument, taker } = taken;
  if (isWholeFilter(argument) && !isSearch(field.name, argument)) {
    return;
  }
  const behind = context.rules.get(coordinate)?.requirements ?? [];
  const isMutation = type === context.schema.getMutationType();
  const chosen = isMutation ? [] : fieldsChosen(context, taken, isChoosing);
  const probed = chosen.length === 0 ? probedFields(context, { type, field, argument }) : [];
  for (const rule of rulesOf(context, [...chosen, ...probed])) {
    if (reveals(context, rule, behind, taker)) {
      reportFilter(rule, coordinate, report);
    }
  }
}

/** Returns the fields that an argument is named like, of the objects that it chooses: those that require more than these. */
function fieldsChosen(context: FilterContext, { field, argument }: Taken, isChoosing: boolean): string[] {
  const returned = getNamedType(field.type);
  const counted = isChoosing && (isAnswer(returned) || isCount(field.name)) ? typesNamedBy(context, field.name) : [];
  const isLike = isChoosing ? startsWith : isSameName;
  const targets = [...targetsOf(context, returned), ...counted];
  const own = targets.flatMap((target) => fieldsReached(context, target, argument.name, isLike));
  const reached = own.length > 0 ? own : targets.flatMap((target) => fieldsOfRelated(context, target, argument));
  return rulesOf(context, reached)
    .filter(isOwn)
    .map(({ coordinate }) => coordinate);
}

function rulesOf({ rules }: FilterContext, coordinates: readonly string[]): Rule[] {
  return [...new Set(coordinates)].flatMap((coordinate) => rules.get(coordinate) ?? []);
}

function reportFilter(revealed: Rule, coordinate: string, report: Report): void {
  const field = revealed.coordinate;
  report(coordinate, `filters or sorts by ${field}, which is guarded; add @reads(fields: ["${field}"])`);
}

function saysWhatItReads({ usages }: FilterContext, coordinate: string): boolean {
  return (usages.get(coordinate)?.reads.length ?? 0) > 0;
}

/** Tells whether a field requires more than its object does. */
function isOwn({ adds }: Rule): boolean {
  return adds.length > 0;
}

function isAny(): boolean {
  return true;
}

/** Tells whether no viewer reaches the field, so that nothing is revealed by its filters. */
function isDeniedToAll({ requirements }: Rule): boolean {
  return requirements.some((requirement) => describeRequirement(requirement) === 'never');
}

function checkInput(context: FilterContext, filter: FilterInput, seen: Set<string>, report: Report): void {
  const { input, targets, taker, matters } = filter;
  const type = getNamedType(input.type);
  checkCondition(context, filter, report);
  const visit = `${type.name} ${targets.join()}`;
  if (seen.has(visit)) {
    return;
  }
  seen.add(visit);
  if (isEnumType(type) && (filter.sorts || isChoiceOfFields(context, targets, input))) {
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
      const next = {
        coordinate: inner,
        input: field,
        targets: related.length > 0 ? related : targets,
        taker,
        sorts,
        searches: isSearch('', field),
        matters,
      };
      checkInput(context, next, seen, report);
    }
  }
}

/** Reports a search, or a condition that is a text or any value, over types with guarded fields. */
function checkCondition(
  context: FilterContext,
  { coordinate, input, targets, taker, searches }: FilterInput,
  report: Report,
): void {
  const namesField = isFieldName(input) && !fieldNames(context, targets).some((name) => isNamedLike(input.name, name));
  if (!searches && !namesField && !isCondition(input)) {
    return;
  }
  const behind = context.rules.get(coordinate)?.requirements ?? [];
  const types = searches ? searchedTypes(context, targets) : targets;
  const revealed = types.flatMap((target) => guardedFields(context, target, searches, behind, taker));
  if (revealed.length > 0 && !saysWhatItReads(context, coordinate)) {
    const what = searches ? 'searches' : 'filters or sorts';
    report(
      coordinate,
      `${what} without saying what, and ${revealed[0]} is guarded; add @reads(fields: ["Type.field"])`,
    );
  }
}

/** Returns the fields of a type that a viewer who reaches the field with the filter may not be allowed to read. */
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

function checkName(
  context: FilterContext,
  coordinate: string,
  name: string,
  filter: FilterInput,
  report: Report,
): void {
  const behind = context.rules.get(coordinate)?.requirements ?? [];
  const reached = filter.targets.flatMap((target) => fieldsReached(context, target, name, startsWith));
  for (const rule of rulesOf(context, reached)) {
    if (filter.matters(rule) && reveals(context, rule, behind, filter.taker)) {
      reportFilter(rule, coordinate, report);
    }
  }
}

/** Tells whether a viewer who may not read the field may filter by it. */
function reveals({ roles }: FilterContext, rule: Rule, behind: readonly Requirement[], taker: Rule): boolean {
  const own = rule.adds.map(withoutObject);
  const all = rule.requirements.map(withoutObject);
  return (
    remainingRequirements(own, behind, roles).length > 0 ||
    remainingRequirements(all, [...behind, ...taker.requirements], roles).length > 0
  );
}
