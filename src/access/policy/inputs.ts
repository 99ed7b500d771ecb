import { getNamedType, type GraphQLNamedType, type GraphQLSchema, isEnumType, isInputObjectType } from 'graphql';
import type { Rule, Table } from './table.ts';

/** The guarded input fields and enum values that a value of each input type may hold, at any depth. */
export type GuardedInputs = ReadonlyMap<string, readonly Rule[]>;

/** Finds what is guarded inside the input types of a schema; types that hold nothing guarded are left out. */
export function guardedInputs(schema: GraphQLSchema, table: Table): GuardedInputs {
  const found = new Map<string, readonly Rule[]>();
  for (const type of Object.values(schema.getTypeMap())) {
    const rules = coordinatesWithin(type)
      .map((coordinate) => table.rules.get(coordinate))
      .filter((rule) => rule !== undefined)
      .filter(({ adds }) => adds.length > 0);
    if (rules.length > 0) {
      found.set(type.name, rules);
    }
  }
  return found;
}

function coordinatesWithin(start: GraphQLNamedType): string[] {
  const types = new Set([start]);
  const coordinates: string[] = [];
  for (const type of types) {
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        coordinates.push(`${type.name}.${field.name}`);
        types.add(getNamedType(field.type));
      }
    } else if (isEnumType(type)) {
      coordinates.push(...type.getValues().map(({ name }) => `${type.name}.${name}`));
    }
  }
  return coordinates;
}
