import type { GraphQLSchema } from 'graphql';
import { policyFrom } from '../guard/attached.ts';
import { checkOptions, type OptionKinds, requireRoles, ROLE_PERMISSIONS } from '../options.ts';
import { describeRequirement, remainingRequirements } from '../policy/requirements.ts';
import { judge, type Verdict } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import type { Rule } from '../policy/table.ts';
import { grantsOf } from '../policy/viewer.ts';
import { isIterable, isRecord } from '../values.ts';

/** The access matrix of a schema: a row for each coordinate, a column for each role. */
export interface AccessMatrix {
  /** `anonymous`, then every role of the schema in the order of its enum, or the given columns. */
  readonly columns: readonly string[];
  /** Sorted by coordinate. */
  readonly rows: readonly MatrixRow[];
}

/** The reviewed part of a row. */
export interface ReviewedRow {
  readonly coordinate: string;
  /** The verdicts, one for each column, on a viewer who holds that role and nothing else. */
  readonly cells: readonly Verdict[];
  /** The requirements, in words. */
  readonly requirements: string;
}

export interface MatrixRow extends ReviewedRow {
  readonly kind: Rule['kind'];
  /**
   * True if the coordinate has requirements of its own; other arguments and inputs have those of the field they belong
   * to.
   */
  readonly isGuarded: boolean;
}

/** A matrix as it was reviewed, or as it is now. */
export interface ReviewedMatrix {
  readonly columns: readonly string[];
  readonly rows: readonly ReviewedRow[];
}

export interface MatrixOptions<Role extends string = string, Permission extends string = string> {
  /** The permissions that come with a role, without repeating those of roles which it inherits. */
  readonly rolePermissions?: NoInfer<RolePermissions<Role, Permission>> | undefined;
  /** Columns instead of the roles of the schema: sets of roles and permissions that an application has named, or viewers. */
  readonly columns?: readonly NoInfer<MatrixColumn<Role, Permission>>[] | undefined;
}

/** A signed-in viewer. */
export interface MatrixColumn<Role extends string = string, Permission extends string = string> {
  /** The head of the column, which no other one has. */
  readonly name: string;
  /** Roles of the schema, which are closed over `@inherits` here. */
  readonly roles: Iterable<Role>;
  readonly permissions: Iterable<Permission> | 'all';
}

/** The permissions that come with roles, by role. */
export type RolePermissions<Role extends string = string, Permission extends string = string> = Readonly<
  string extends Role
    ? Record<string, readonly Permission[] | 'all'>
    : Partial<Record<Role, readonly Permission[] | 'all'>>
>;

/** The column of an anonymous viewer. */
export const ANONYMOUS = 'anonymous';

/**
 * Judges every rule of a policy for an anonymous viewer and for the holder of each role, or of each given column.
 *
 * @throws PolicyError if a schema is given whose policy cannot be read
 * @throws TypeError if an option is not valid, or names a role that the schema does not have
 */
export function accessMatrix<Role extends string = string, Permission extends string = string>(
  source: Policy | GraphQLSchema,
  options: MatrixOptions<Role, Permission> = {},
): AccessMatrix {
  const policy = policyFrom(source);
  checkOptions('accessMatrix', options, MATRIX_OPTIONS);
  const { rolePermissions = {}, columns } = options as MatrixOptions;
  requireRoles(Object.keys(rolePermissions), policy.roles, 'The option rolePermissions of accessMatrix');
  const shown =
    columns?.map((column) => checkedColumn(column, policy)) ??
    [...policy.roles.keys()].map((role) => columnOf(role, policy, rolePermissions));
  const anonymous = grantsOf({ id: null, roles: [], permissions: [] }, policy.roles);
  const allGrants = shown.map(({ roles, permissions }) => grantsOf({ id: 'viewer', roles, permissions }, policy.roles));
  const rows = [...policy.rules.values()].map((rule): MatrixRow => {
    const { coordinate, kind, adds } = rule;
    const cells = [anonymous, ...allGrants].map((grants) => judge(rule, grants));
    return {
      coordinate,
      kind,
      cells,
      requirements: describeRule(rule, policy),
      isGuarded: kind === 'field' || adds.length > 0,
    };
  });
  return { columns: [ANONYMOUS, ...shown.map(({ name }) => name)], rows };
}

const MATRIX_OPTIONS = {
  rolePermissions: ROLE_PERMISSIONS,
  columns: {
    words: 'a list of viewers, each { name, roles, permissions } with a name of its own',
    accepts: (value) => Array.isArray(value) && value.every(isColumn) && haveOwnNames(value),
  },
} as const satisfies OptionKinds;

function isColumn(value: unknown): value is MatrixColumn {
  return isRecord(value) && typeof value['name'] === 'string';
}

function haveOwnNames(columns: readonly MatrixColumn[]): boolean {
  return new Set([ANONYMOUS, ...columns.map(({ name }) => name)]).size === columns.length + 1;
}

/** Returns a column with its roles as a list. @throws TypeError if one of them is not a role of the schema */
function checkedColumn(column: MatrixColumn, { roles: known }: Policy): MatrixColumn {
  if (!isIterable(column.roles)) {
    return column; // Refused like the roles of any viewer.
  }
  const roles = [...column.roles];
  requireRoles(roles, known, `The column ${JSON.stringify(column.name)} of accessMatrix`);
  return { ...column, roles };
}

function columnOf(role: string, policy: Policy, granted: RolePermissions): MatrixColumn {
  return { name: role, roles: [role], permissions: permissionsOf(role, policy, granted) };
}

/** Returns the permissions of a role and of the roles that it inherits. */
export function permissionsOf(role: string, policy: Policy, granted: RolePermissions): readonly string[] | 'all' {
  const lists = [...(policy.roles.get(role) ?? [role])].map((held) =>
    Object.hasOwn(granted, held) ? granted[held] : [],
  );
  return lists.includes('all') ? 'all' : lists.flatMap((list) => (list === 'all' ? [] : (list ?? [])));
}

/** Describes the requirements of a rule in words, `(ADMIN or "a:b") and owner(id)`, without those that others imply. */
export function describeRule({ requirements, members }: Rule, policy: Policy): string {
  const some = members.map(
    (member) => `${member.type}: ${describeRequirements(member.requirements, policy).join(' and ') || 'anyone'}`,
  );
  const choice = members.every((member) => member.requirements.length === 0) ? [] : [`one of {${some.join('; ')}}`];
  return [...describeRequirements(requirements, policy), ...choice].join(' and ') || 'anyone';
}

/** Describes requirements, all of which must be satisfied, each in words that can stand beside the others. */
function describeRequirements(requirements: Rule['requirements'], policy: Policy): string[] {
  const texts = remainingRequirements(requirements, [], policy.roles).map(describeRequirement);
  return [...new Set(texts.map((text) => (texts.length > 1 && text.includes(' or ') ? `(${text})` : text)))];
}
