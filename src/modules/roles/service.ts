import { requireSignedIn, type RequestContext } from '../../context.ts';
import { type Role, RoleEntity, type Tables } from '../../database/entities/index.ts';
import type { SelectedColumns } from '../../paging/selected-columns.ts';
import { type Condition, contains, equals } from '../../paging/condition.ts';
import { type Connection, pageRequest, type PageArguments } from '../../paging/connection.ts';
import { fetchConnection, type ListDefinition, type Order } from '../../paging/list.ts';
import { type Exclusion, loadRoleGraph } from '../../auth/role-graph.ts';
import { assignsRoles, mayHandOut } from './rules.ts';

export type RoleConnection = Connection<Role>;
export type RoleOrderField = 'NAME';

const roleList: ListDefinition<Role, RoleOrderField> = {
  name: 'roles',
  entity: RoleEntity,
  orders: { NAME: 'name' },
  key: 'name',
  computed: { inherits: ['name'], permissions: ['name'], assignable: ['name'], users: ['name'] },
};

export interface RoleListInput extends PageArguments {
  readonly filter?: { readonly search?: string | null; readonly builtIn?: boolean | null } | null;
  readonly orderBy?: Order<RoleOrderField> | null;
}

function conditionsOf({ search, builtIn }: NonNullable<RoleListInput['filter']>): Condition[] {
  return [
    ...(search ? [contains(['name', 'description'], search)] : []),
    ...(builtIn === undefined || builtIn === null ? [] : [equals('built_in', builtIn)]),
  ];
}

/** Lists all roles, built-in and added. */
export function listRoles(
  { unit, cursors }: RequestContext,
  input: RoleListInput,
  selected: SelectedColumns | null,
): Promise<RoleConnection> {
  return fetchConnection((work) => unit.read(work), cursors, {
    list: roleList,
    order: input.orderBy ?? { field: 'NAME', direction: 'ASC' },
    page: pageRequest(input),
    conditions: conditionsOf(input.filter ?? {}),
    selected,
  });
}

/** A permission, and the coordinates of the requirements that it satisfies. */
export interface PermissionDefinition {
  readonly name: string;
  readonly coordinates: string[];
  /** The earlier name of `coordinates`. */
  readonly opens: string[];
}

/** Lists all permissions that the schema uses. */
export function listPermissions({ policy }: RequestContext): PermissionDefinition[] {
  return [...policy.permissions].map(([name, satisfied]) => {
    const coordinates = [...satisfied];
    return { name, coordinates, opens: coordinates };
  });
}

/** Lists all pairs of mutually exclusive roles. */
export function listExclusions({ unit }: RequestContext): Promise<Exclusion[]> {
  return unit.read((reader) =>
    reader
      .getKysely<Tables>()
      .selectFrom('role_exclusions')
      .select(['a', 'b', 'kind'])
      .orderBy('a')
      .orderBy('b')
      .orderBy('kind')
      .execute(),
  );
}

/** Returns the roles that each of several roles inherits directly, in one statement. */
export async function inheritedByRoles({ unit }: RequestContext, roles: readonly string[]): Promise<string[][]> {
  const rows = await unit.read((reader) =>
    reader
      .getKysely<Tables>()
      .selectFrom('role_inheritance')
      .select(['role', 'inherits as value'])
      .where('role', 'in', roles)
      .orderBy('inherits')
      .execute(),
  );
  return valuesByRole(rows, roles);
}

/** Returns the permissions that each of several roles grants itself, in one statement. */
export async function permissionsOfRoles({ unit }: RequestContext, roles: readonly string[]): Promise<string[][]> {
  const rows = await unit.read((reader) =>
    reader
      .getKysely<Tables>()
      .selectFrom('role_permissions')
      .select(['role', 'permission as value'])
      .where('role', 'in', roles)
      .orderBy('permission')
      .execute(),
  );
  return valuesByRole(rows, roles);
}

function valuesByRole(
  rows: readonly { readonly role: string; readonly value: string }[],
  roles: readonly string[],
): string[][] {
  const byRole = Map.groupBy(rows, ({ role }) => role);
  return roles.map((role) => (byRole.get(role) ?? []).map(({ value }) => value));
}

/** Returns true for each of the roles that the viewer may assign. */
export async function assignableRoles({ unit, viewer }: RequestContext, roles: readonly string[]): Promise<boolean[]> {
  const actor = requireSignedIn(viewer);
  if (!assignsRoles(actor)) {
    return roles.map(() => false);
  }
  const graph = await unit.read(loadRoleGraph);
  return roles.map((role) => mayHandOut(actor, graph, graph.powerOf([role]), 'users:roles'));
}
