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
import { type Door, remainingDoors, withoutOwner } from '../policy/doors.ts';
import type { ReadTable } from '../policy/field-checks.ts';
import type { Report } from '../policy/policy-error.ts';
import type { Rule } from '../policy/table.ts';
import type { MarkBook } from '../read/marks.ts';
import { fieldTypes } from './decided.ts';

/** What the check of filters reads. */
export interface FilterContext extends ReadTable {
  readonly marks: MarkBook;
  readonly connections: ReadonlyMap<string, ConnectionRole>;
}

/** An argument or input field that narrows, sorts or searches objects. */
interface Asking {
  readonly coordinate: string;
  readonly input: GraphQLArgument | GraphQLInputField;
  /** The types of the objects asked about. */
  readonly targets: readonly string[];
  /** The field that takes it. */
  readonly taker: Rule;
  /** Whether it sorts, or is part of what does. */
  readonly sorts: boolean;
}

const FILTER = /^(filters?|filterby|where|search|order|orderby|sort|sortby)$/i;
const FILTER_TYPE = /(filter|where|order|orderby|sort)(input)?$/i;
const ORDER = /order|sort/i;

/**
 * Reports every filter field, sort value and search that asks about a guarded field without standing behind its doors.
 * Each is reported once, whatever takes it.
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
          checkAsking(context, { coordinate, input, targets, taker, sorts: isSort(input) }, new Set(), report);
        }
      }
    }
  }
}

/** Whether a field returns many objects, out of which its arguments choose. */
function isListed({ connections }: FilterContext, returned: GraphQLOutputType): boolean {
  return isListType(getNullableType(returned)) || connections.has(getNamedType(returned).name);
}

/** By its name or its type's; any input object that a list takes. */
function isFilter({ name, type }: GraphQLArgument, isList: boolean): boolean {
  const named = getNamedType(type);
  return FILTER.test(name) || FILTER_TYPE.test(named.name) || (isList && isInputObjectType(named));
}

function isSort({ name, type }: GraphQLArgument | GraphQLInputField): boolean {
  return ORDER.test(name) || ORDER.test(getNamedType(type).name);
}

/** The types of what a field returns: a connection's nodes, an abstract type and all its members. */
function targetsOf({ schema, connections }: FilterContext, returned: GraphQLNamedType): string[] {
  const type = connections.get(returned.name)?.node ?? returned;
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  return [type, ...members].map(({ name }) => name);
}

function checkAsking(context: FilterContext, asking: Asking, seen: Set<string>, report: Report): void {
  const { coordinate, input, targets, taker } = asking;
  const type = getNamedType(input.type);
  if (input.name === 'search' && (context.marks.get(coordinate)?.reads.length ?? 0) === 0) {
    report(coordinate, 'searches, so it must say what; add @reads(fields: ["Type.field"])');
  }
  const visit = `${type.name} ${targets.join()}`;
  if (seen.has(visit)) {
    return;
  }
  seen.add(visit);
  if (isEnumType(type) && asking.sorts) {
    for (const { name } of type.getValues()) {
      checkName(context, `${type.name}.${name}`, name, asking, report);
    }
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      const inner = `${type.name}.${field.name}`;
      checkName(context, inner, field.name, asking, report);
      const related = targets.flatMap((target) => relatedTypes(context, target, field.name));
      const sorts = asking.sorts || isSort(field);
      const next = { coordinate: inner, input: field, targets: related.length > 0 ? related : targets, taker, sorts };
      checkAsking(context, next, seen, report);
    }
  }
}

/** The types of the objects that a filter field of this name leads to, as `account: AccountFilter` does. */
function relatedTypes(context: FilterContext, target: string, name: string): string[] {
  const type = context.schema.getType(target);
  const field = hasFields(type) ? type.getFields()[name] : undefined;
  return field === undefined ? [] : targetsOf(context, getNamedType(field.type));
}

function checkName(context: FilterContext, coordinate: string, name: string, asking: Asking, report: Report): void {
  const behind = context.rules.get(coordinate)?.doors ?? [];
  for (const target of asking.targets) {
    const type = context.schema.getType(target);
    const fields = hasFields(type) ? Object.keys(type.getFields()) : [];
    for (const field of fields.filter((candidate) => isNamedLike(name, candidate))) {
      const rule = context.rules.get(`${target}.${field}`);
      if (rule !== undefined && reveals(context, rule, behind, asking.taker)) {
        report(
          coordinate,
          `asks about ${rule.coordinate}, which is guarded; add @reads(fields: ["${rule.coordinate}"])`,
        );
      }
    }
  }
}

/** Whether somebody may ask who may not read. What the field itself demands must be demanded here, too. */
function reveals({ roles }: FilterContext, rule: Rule, behind: readonly Door[], taker: Rule): boolean {
  const own = rule.adds.map(withoutOwner);
  const all = rule.doors.map(withoutOwner);
  return (
    remainingDoors(own, behind, roles).length > 0 || remainingDoors(all, [...behind, ...taker.doors], roles).length > 0
  );
}

/** Whether a filter or sort value is named like a field: `iban`, `IBAN`, `ibanContains`, `iban_in`, `IBAN_DESC`. */
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
