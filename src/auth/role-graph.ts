import type { Role } from '../generated/access.ts';
import type { ExclusionKind } from '../database/entities/index.ts';
import type { EntityManager } from '../database/orm.ts';
import { BadUserInput } from '../lib/errors.ts';

/** The role that every signed-in viewer holds. */
export const LOWEST_ROLE = 'GUEST' satisfies Role;

/** The role that is only assigned directly: no added role inherits it, and no role of an external issuer maps to it. */
export const HIGHEST_ROLE = 'SUPER_ADMIN' satisfies Role;

/** The role that holds every permission, as do all roles that inherit it. Exclusions do not apply to it. */
export const HOLDS_EVERYTHING = 'ADMIN' satisfies Role;

/** The number of roles that an error message lists. */
const MOST_LISTED = 50;

/** The built-in roles and permissions that roles grant. Names of added roles grant nothing by themselves. */
export interface Power {
  readonly builtIn: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string> | 'all';
}

/** Returns true if one power includes the other. */
export function dominates(one: Power, other: Power): boolean {
  const holdsRoles = [...other.builtIn].every((role) => one.builtIn.has(role));
  return holdsRoles && holdsPermissions(one.permissions, other.permissions);
}

function holdsPermissions(one: Power['permissions'], other: Power['permissions']): boolean {
  if (one === 'all') {
    return true;
  }
  return other !== 'all' && [...other].every((permission) => one.has(permission));
}

/** Two mutually exclusive roles. */
export interface Exclusion {
  readonly a: string;
  readonly b: string;
  readonly kind: ExclusionKind;
}

/** The roles that exist, what each inherits directly, and the permissions each holds by itself. */
export interface RoleGraph {
  /** The names of the roles, in no particular order. */
  readonly names: readonly string[];
  readonly has: (role: string) => boolean;
  /** Returns the roles and all that they inherit, without roles that do not exist. */
  readonly closureOf: (roles: Iterable<string>) => ReadonlySet<string>;
  /** Returns the permissions of a closed set of roles. */
  readonly permissionsOf: (closed: ReadonlySet<string>) => ReadonlySet<string> | 'all';
  /** Returns the power that roles grant, including all that they inherit. */
  readonly powerOf: (roles: Iterable<string>) => Power;
  /** Returns the first exclusive pair of the kind among the roles and what they inherit; null if there is none. */
  readonly clashOf: (roles: Iterable<string>, kind: ExclusionKind) => Exclusion | null;
}

export interface RoleFacts {
  readonly name: string;
  readonly builtIn: boolean;
  readonly inherits: readonly string[];
  readonly permissions: readonly string[];
}

/** Builds the graph of the roles. */
function createRoleGraph(roles: readonly RoleFacts[], exclusions: readonly Exclusion[]): RoleGraph {
  const byName = new Map(roles.map((role) => [role.name, role]));

  function closureOf(wanted: Iterable<string>): ReadonlySet<string> {
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
  }

  function permissionsOf(closed: ReadonlySet<string>): ReadonlySet<string> | 'all' {
    if (closed.has(HOLDS_EVERYTHING)) {
      return 'all';
    }
    return new Set([...closed].flatMap((name) => byName.get(name)?.permissions ?? []));
  }

  return {
    names: [...byName.keys()],
    has: (role) => byName.has(role),
    closureOf,
    permissionsOf,
    powerOf(wanted) {
      const closed = closureOf(wanted);
      const builtIn = new Set([...closed].filter((name) => byName.get(name)?.builtIn === true));
      return { builtIn, permissions: permissionsOf(closed) };
    },
    clashOf(wanted, kind) {
      const closed = closureOf(wanted);
      if (closed.has(HOLDS_EVERYTHING)) {
        return null;
      }
      return exclusions.find((pair) => pair.kind === kind && closed.has(pair.a) && closed.has(pair.b)) ?? null;
    },
  };
}

/**
 * @param allowed the roles that the message names: those that the viewer may know of and use
 * @throws {BadUserInput} if one of the roles does not exist
 */
export function requireKnownRoles(
  graph: RoleGraph,
  roles: readonly string[],
  field: string,
  allowed: Iterable<string> = graph.names,
): void {
  if (!roles.every((role) => graph.has(role))) {
    throw new BadUserInput(`There is no such role: use one of ${listOf(allowed)}`, { field });
  }
}

/**
 * @param known the permissions that the schema uses
 * @param allowed the permissions that the message names: those that the viewer may use
 * @throws {BadUserInput} if one of the permissions does not exist
 */
export function requireKnownPermissions(
  known: ReadonlyMap<string, unknown>,
  permissions: readonly string[],
  field: string,
  allowed: Iterable<string> | 'all' = 'all',
): void {
  if (!permissions.every((permission) => known.has(permission))) {
    const listed = listOf(allowed === 'all' ? known.keys() : allowed);
    throw new BadUserInput(`There is no such permission: use one of ${listed}`, { field });
  }
}

function listOf(names: Iterable<string>): string {
  const sorted = [...names].toSorted();
  const rest = sorted.length > MOST_LISTED ? ` and ${sorted.length - MOST_LISTED} more` : '';
  return `${sorted.slice(0, MOST_LISTED).join(', ')}${rest}`;
}

const ROLE_GRAPH = `
  select
    (select coalesce(json_agg(json_build_object('name', name, 'builtIn', built_in,
        'inherits', array(select i.inherits from role_inheritance i where i.role = name order by 1),
        'permissions', array(select p.permission from role_permissions p where p.role = name order by 1))), '[]')
      from roles) as roles,
    (select coalesce(json_agg(json_build_object('a', a, 'b', b, 'kind', kind)), '[]')
      from role_exclusions) as exclusions`;

/** Reads the graph from the database, in one statement. */
export async function loadRoleGraph(em: Pick<EntityManager, 'execute'>): Promise<RoleGraph> {
  const [found] = await em.execute<{ roles: RoleFacts[]; exclusions: Exclusion[] }[]>(ROLE_GRAPH);
  return createRoleGraph(found?.roles ?? [], found?.exclusions ?? []);
}
