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
  isListType,
} from 'graphql';
import { type ConnectionRole, hasFields } from '../policy/connections.ts';
import { type Requirement, remainingRequirements, withoutOwner } from '../policy/requirements.ts';
import type { ReadTable } from '../policy/field-checks.ts';
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

const FILTER = /^(filters?|filterby|where|search|order|orderby|sort|sortby)$/i;
const FILTER_TYPE = /(filter|where|order|orderby|sort)(input)?$/i;
const ORDER = /order|sort/i;

/**
 * Reports every filter field, sort value and search that reveals a guarded field without having its requirements. Each
 * is reported once, whichever field takes it.
 */
export function checkFilters(context: FilterContext, report: Report): void {
  for (const type of fieldTypes(context.schema)) {
    for (const field of Object.values(type.getFields())) {
      const taker = context.rules.get(`${type.name}.${field.name}`);
      if (taker !== undefined) {
        const targets = targetsOf(context, getNamedType(field.type));
        const isList = isListed(context, field.type) && type.name !== context.schema.getMutationType()?.name;
        for (const input of field.args.filter((argument) => isFilter(argument, isList))) {
          const coordinate = `${taker.coordinate}(${input.name}:)`;
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

function checkInput(context: FilterContext, input_: FilterInput, seen: Set<string>, report: Report): void {
  const { coordinate, input, targets, taker } = input_;
  const type = getNamedType(input.type);
  if (input.name === 'search' && (context.usages.get(coordinate)?.reads.length ?? 0) === 0) {
    report(coordinate, 'searches without saying what; add @reads(fields: ["Type.field"])');
  }
  const visit = `${type.name} ${targets.join()}`;
  if (seen.has(visit)) {
    return;
  }
  seen.add(visit);
  if (isEnumType(type) && input_.sorts) {
    for (const { name } of type.getValues()) {
      checkName(context, `${type.name}.${name}`, name, input_, report);
    }
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      const inner = `${type.name}.${field.name}`;
      checkName(context, inner, field.name, input_, report);
      const related = targets.flatMap((target) => relatedTypes(context, target, field.name));
      const sorts = input_.sorts || isSort(field);
      const next = { coordinate: inner, input: field, targets: related.length > 0 ? related : targets, taker, sorts };
      checkInput(context, next, seen, report);
    }
  }
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
  input_: FilterInput,
  report: Report,
): void {
  const behind = context.rules.get(coordinate)?.requirements ?? [];
  for (const target of input_.targets) {
    const type = context.schema.getType(target);
    const fields = hasFields(type) ? Object.keys(type.getFields()) : [];
    for (const field of fields.filter((candidate) => isNamedLike(name, candidate))) {
      const rule = context.rules.get(`${target}.${field}`);
      if (rule !== undefined && reveals(context, rule, behind, input_.taker)) {
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
  const own = rule.adds.map(withoutOwner);
  const all = rule.requirements.map(withoutOwner);
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
