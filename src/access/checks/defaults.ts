import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { hasFields } from '../policy/connections.ts';
import type { ReadTable } from '../policy/field-checks.ts';
import type { Report } from '../policy/policy-error.ts';
import { ownTypes } from '../read/elements.ts';

/** Reports defaults that the guard could not tell from a value that a client supplied. */
export function checkDefaults(table: ReadTable, report: Report): void {
  for (const type of ownTypes(table.schema)) {
    if (isInputObjectType(type)) {
      Object.values(type.getFields()).forEach((field) =>
        checkDefault(table, `${type.name}.${field.name}`, field, report),
      );
    } else if (hasFields(type)) {
      for (const field of Object.values(type.getFields())) {
        field.args.forEach((argument) =>
          checkDefault(table, `${type.name}.${field.name}(${argument.name}:)`, argument, report),
        );
      }
    }
  }
}

function checkDefault(
  table: ReadTable,
  coordinate: string,
  { type, defaultValue }: GraphQLArgument | GraphQLInputField,
  report: Report,
): void {
  if (defaultValue === undefined) {
    return;
  }
  if (isGuarded(table, coordinate)) {
    report(coordinate, 'is guarded and has a default, which cannot be told from a supplied value; remove the default');
  }
  for (const used of guardedWithin(table, type, defaultValue)) {
    report(coordinate, `has a default that uses ${used}, which is guarded; remove the default`);
  }
}

/** The guarded input fields and enum values that occur in a coerced value. */
function guardedWithin(table: ReadTable, input: GraphQLInputType, value: unknown): string[] {
  if (Array.isArray(value) && isListType(getNullableType(input))) {
    return value.flatMap((item: unknown) => guardedWithin(table, itemType(input), item));
  }
  const type = getNamedType(input);
  if (isEnumType(type)) {
    // By name, too: graphql-tools leaves names in defaults within defaults when it gives an enum its internal values.
    const values = type.getValues().filter((one) => one.value === value || one.name === value);
    return values.map(({ name }) => `${type.name}.${name}`).filter((coordinate) => isGuarded(table, coordinate));
  }
  if (!isInputObjectType(type) || typeof value !== 'object' || value === null) {
    return [];
  }
  const supplied = Object.values(type.getFields()).filter((field) => Object.hasOwn(value, field.name));
  const own = supplied.map(({ name }) => `${type.name}.${name}`).filter((coordinate) => isGuarded(table, coordinate));
  const inner = new Map<string, unknown>(Object.entries(value));
  return own.concat(supplied.flatMap((field) => guardedWithin(table, field.type, inner.get(field.name))));
}

function itemType(input: GraphQLInputType): GraphQLInputType {
  const type = getNullableType(input);
  return isListType(type) ? type.ofType : type;
}

function isGuarded({ rules }: ReadTable, coordinate: string): boolean {
  return (rules.get(coordinate)?.adds.length ?? 0) > 0;
}
