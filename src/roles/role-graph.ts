import type { EntityManager } from '../database/orm.ts';

/** Every signed-in viewer is at least this. */
export const LOWEST_ROLE = 'GUEST';

/** The role that holds every permission, and so does whoever inherits it. */
const HOLDS_EVERYTHING = 'ADMIN';

/** The roles that exist, what each inherits directly, and the permissions each holds by itself. */
export interface RoleGraph {
  has(role: string): boolean;
  /** The roles and all that they inherit. Roles that do not exist are left out: they hold nothing. */
  closureOf(roles: Iterable<string>): ReadonlySet<string>;
  /** What a closed set of roles permits. */
  permissionsOf(closed: ReadonlySet<string>): ReadonlySet<string> | 'all';
}

export interface RoleFacts {
  readonly name: string;
  readonly inherits: readonly string[];
  readonly permissions: readonly string[];
}

/** Builds the graph of the roles. */
export function createRoleGraph(roles: readonly RoleFacts[]): RoleGraph {
  const byName = new Map(roles.map((role) => [role.name, role]));
  return {
    has: (role) => byName.has(role),
    closureOf(wanted) {
      const closed = new Set<string>();
      const waiting = [...wanted];
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        const role = byName.get(name);
        if (role !== undefined && !closed.has(name)) {
          closed.add(name);
          waiting.push(...role.inherits);
        }
      }
      return closed;
    },
    permissionsOf(closed) {
      if (closed.has(HOLDS_EVERYTHING)) {
        return 'all';
      }
      return new Set([...closed].flatMap((name) => byName.get(name)?.permissions ?? []));
    },
  };
}

const ROLE_FACTS = `
  select name,
    array(select i.inherits from role_inheritance i where i.role = name order by 1) as inherits,
    array(select p.permission from role_permissions p where p.role = name order by 1) as permissions
  from roles order by name`;

/** Reads the graph from the database, in one statement. */
export async function loadRoleGraph(em: EntityManager): Promise<RoleGraph> {
  return createRoleGraph(await em.execute<RoleFacts[]>(ROLE_FACTS));
}
