import type { GraphQLSchema } from 'graphql';
import { type Door, judgedAt, remainingDoors } from './doors.ts';
import type { RoleClosure } from './roles.ts';
import type { Member, Rule, Table } from './table.ts';

/** A table, and what is needed to compare doors. */
export interface ReadTable extends Table {
  readonly schema: GraphQLSchema;
  readonly roles: RoleClosure;
}

/** What is left to check at a field for a viewer who has reached its parent object. */
export interface FieldChecks {
  readonly doors: readonly Door[];
  /** The members of an abstract return type, each with the doors that the field's own do not imply. */
  readonly members: readonly Member[];
}

/**
 * What whoever holds an object of the type has passed: the type's doors, since every field that returns it checks them.
 * Root objects are handed out unchecked.
 */
export function passedDoors(table: ReadTable, type: string): readonly Door[] {
  const doors = isRoot(table.schema, type) ? [] : (table.types.get(type) ?? []);
  return doors.map((door) => judgedAt(door, 'parent'));
}

/** What is left to check at the field that the rule is about. */
export function fieldChecks(table: ReadTable, type: string, rule: Rule): FieldChecks {
  const passed = passedDoors(table, type);
  const known = [...passed, ...rule.doors];
  return {
    doors: remainingDoors(rule.doors, passed, table.roles),
    members: rule.members.map(({ type, doors }) => ({ type, doors: remainingDoors(doors, known, table.roles) })),
  };
}

/** Whether some member needs no more than the field did: then there is no choice to make before the resolver. */
export function isAnyMemberOpen(members: readonly Member[]): boolean {
  return members.length === 0 || members.some(({ doors }) => doors.length === 0);
}

/** Whether operations start at the type. */
export function isRoot(schema: GraphQLSchema, type: string): boolean {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some(
    (root) => root?.name === type,
  );
}
