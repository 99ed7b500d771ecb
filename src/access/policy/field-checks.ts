import { getNamedType, type GraphQLNamedType, type GraphQLSchema, isEnumType, isInputObjectType } from 'graphql';
import { type Requirement, judgedAt, remainingRequirements } from './requirements.ts';
import type { RoleClosure } from './roles.ts';
import type { Member, Rule, Table } from './table.ts';

/** A table, with the schema and the inheritance of roles that are needed to compare requirements. */
export interface ReadTable extends Table {
  readonly schema: GraphQLSchema;
  readonly roles: RoleClosure;
}

/** The checks that remain at a field for a viewer who has reached its parent object. */
export interface FieldChecks {
  readonly requirements: readonly Requirement[];
  /** The members of an abstract return type, each with the requirements that those of the field do not imply. */
  readonly members: readonly Member[];
}

/**
 * Returns the requirements that a viewer who has reached an object of the type satisfies: those of the type, since
 * every field that returns it checks them. Root objects are reached without a check.
 */
export function satisfiedByParent(table: ReadTable, type: string): readonly Requirement[] {
  const requirements = isRoot(table.schema, type) ? [] : (table.types.get(type) ?? []);
  return requirements.map((requirement) => judgedAt(requirement, 'parent'));
}

/** Returns the checks that remain at the field which the rule is about. */
export function fieldChecks(table: ReadTable, type: string, rule: Rule): FieldChecks {
  const satisfied = satisfiedByParent(table, type);
  const known = [...satisfied, ...rule.requirements];
  return {
    requirements: remainingRequirements(rule.requirements, satisfied, table.roles),
    members: rule.members.map(({ type, requirements }) => ({
      type,
      requirements: remainingRequirements(requirements, known, table.roles),
    })),
  };
}

/**
 * Tells whether some member requires no more than the field does: then there is nothing to decide before the resolver.
 */
export function isAnyMemberAllowed(members: readonly Member[]): boolean {
  return members.length === 0 || members.some(({ requirements }) => requirements.length === 0);
}

/** Tells whether operations start at the type. */
export function isRoot(schema: GraphQLSchema, type: string): boolean {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some(
    (root) => root?.name === type,
  );
}

/** The guarded input fields and enum values that a value of each input type may hold, at any depth. */
export type GuardedInputs = ReadonlyMap<string, readonly Rule[]>;

/** Finds the guarded parts of the input types of a schema; types that hold nothing guarded are left out. */
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
