import type { Permission, Role } from '../generated/access.ts';

/** A statement on the rows of a table. */
export type Statement = 'select' | 'insert' | 'update' | 'delete';

/** A role, or any of some permissions: as the `@auth` of the fields that send the statement. */
export interface StatementRequirement {
  readonly role: Role;
  readonly permissions?: readonly Permission[];
}

export type TableRequirements = Readonly<Record<Statement, StatementRequirement>>;

/** SQL that holds if the unit of work has a right on a table of {@link tableRequirements}: computed once a statement. */
export function hasTableRight(table: string, statement: Statement): string {
  const setting = `(select current_setting('rolegate.rights', true) as "current_setting")`;
  return `(strpos(${setting}, ' ${table}:${statement} '::text) > 0)`;
}

/**
 * The requirements of statements on tables whose rows belong to no user and to no account, for row-level security. They
 * repeat requirements of the schema: the tests of the module fail if only one of both places is changed.
 */
export const tableRequirements: Readonly<Record<string, TableRequirements>> = {};
