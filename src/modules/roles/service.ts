import type { RequestContext } from '../../context.ts';
import { type Role, RoleEntity } from '../../database/entities/index.ts';
import type { AskedOfPage } from '../../paging/selected-columns.ts';
import { type Condition, contains, equals } from '../../paging/condition.ts';
import type { Connection } from '../../paging/connection.ts';
import { fetchConnection, type ListDefinition, type Order } from '../../paging/list.ts';
import { pageRequest, type PageArguments } from '../../paging/page-request.ts';
import type { Exclusion } from '../../auth/role-graph.ts';

export type RoleConnection = Connection<Role>;
export type RoleOrderField = 'NAME';

const roleList: ListDefinition<Role, RoleOrderField> = {
  name: 'roles',
  entity: RoleEntity,
  orders: { NAME: 'name' },
  key: 'name',
  computed: { inherits: ['name'], permissions: ['name'] },
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

/** Every role, built in or added. */
export function listRoles(
  { unit, cursors }: RequestContext,
  input: RoleListInput,
  asked: AskedOfPage | null,
): Promise<RoleConnection> {
  return fetchConnection((work) => unit.read(work), cursors, {
    list: roleList,
    order: input.orderBy ?? { field: 'NAME', direction: 'ASC' },
    page: pageRequest(input),
    conditions: conditionsOf(input.filter ?? {}),
    asked,
  });
}

/** A permission, and the coordinates of the requirements that it satisfies. */
export interface PermissionDefinition {
  readonly name: string;
  readonly opens: string[];
}

/** Every permission that the schema names. */
export function listPermissions({ policy }: RequestContext): PermissionDefinition[] {
  return [...policy.permissions].map(([name, opens]) => ({ name, opens: [...opens] }));
}

/** Every pair of roles that exclude each other. */
export function listExclusions({ unit }: RequestContext): Promise<Exclusion[]> {
  return unit.read((reader) =>
    reader.execute<Exclusion[]>('select a, b, kind from role_exclusions order by a, b, kind'),
  );
}

/** What each of several roles inherits directly, in one statement. */
export function inheritedByRoles(context: RequestContext, roles: readonly string[]): Promise<string[][]> {
  return valuesOf(context, 'select role, inherits as value from role_inheritance', roles);
}

/** The permissions that each of several roles holds by itself, in one statement. */
export function permissionsOfRoles(context: RequestContext, roles: readonly string[]): Promise<string[][]> {
  return valuesOf(context, 'select role, permission as value from role_permissions', roles);
}

async function valuesOf({ unit }: RequestContext, select: string, roles: readonly string[]): Promise<string[][]> {
  const placeholders = roles.map(() => '?').join(', ');
  const rows = await unit.read((reader) =>
    reader.execute<{ role: string; value: string }[]>(`${select} where role in (${placeholders}) order by 2`, [
      ...roles,
    ]),
  );
  const byRole = Map.groupBy(rows, (row) => row.role);
  return roles.map((role) => (byRole.get(role) ?? []).map(({ value }) => value));
}
