import { type GraphQLSchema, isEnumType } from 'graphql';
import { describeRoles } from '../options.ts';
import type { Usages } from '../read/usages.ts';
import type { Report } from './policy-error.ts';

/**
 * Every role with the roles that it holds: itself, and all that it inherits, directly or not. In the order of the enum.
 */
export type RoleClosure = ReadonlyMap<string, ReadonlySet<string>>;

/** Where the roles of a schema, and what they inherit, are written. */
export interface RoleOptions<Role extends string = string> {
  /** The name of the enum whose values are the roles; `Role` if not set. */
  readonly roleEnum?: string | undefined;
  /**
   * The roles that each role inherits, in addition to `@inherits`: `{ ADMIN: ['EDITOR'] }`. In a schema without an enum
   * of roles, the names in it are the roles.
   */
  readonly inherits?: NoInfer<Readonly<Partial<Record<Role, readonly Role[]>>>> | undefined;
}

/** The name that the enum of roles has if the options do not say otherwise. */
export const ROLE_ENUM = 'Role';

/** Returns the roles: the values of their enum; without that enum, the names in the option `inherits`. */
export function roleNames(
  schema: GraphQLSchema,
  { roleEnum, inherits = {} }: RoleOptions,
  report: Report,
): ReadonlySet<string> {
  const type = schema.getType(roleEnum ?? ROLE_ENUM);
  if (isEnumType(type)) {
    return new Set(type.getValues().map(({ name }) => name));
  }
  if (roleEnum !== undefined) {
    report(roleEnum, `is not an enum of the schema; declare "enum ${roleEnum}", or name yours in the option roleEnum`);
  }
  return new Set(inheritedInOptions(inherits).flat(2));
}

function inheritedInOptions(inherits: NonNullable<RoleOptions['inherits']>): [string, readonly string[]][] {
  return Object.entries(inherits).map(([role, inherited = []]) => [role, inherited]);
}

/** Closes the roles over what they inherit; reports names that are not roles, and cycles. */
export function closeRoles(
  names: ReadonlySet<string>,
  { roleEnum = ROLE_ENUM, inherits = {} }: RoleOptions,
  usages: Usages,
  report: Report,
): RoleClosure {
  const inOptions = new Map(inheritedInOptions(inherits));
  for (const unknown of [...inOptions].flat(2)) {
    if (!names.has(unknown)) {
      report(roleEnum, `the option inherits names ${unknown}, which is not a role; ${describeRoles(unknown, names)}`);
    }
  }
  const direct = new Map<string, readonly string[]>();
  for (const name of names) {
    const inherited = usages.get(`${roleEnum}.${name}`)?.inherits ?? [];
    for (const unknown of inherited.filter((role) => !names.has(role))) {
      report(
        `${roleEnum}.${name}`,
        `@inherits names ${unknown}, which is not a role; ${describeRoles(unknown, names)}`,
      );
    }
    direct.set(name, [...inherited, ...(inOptions.get(name) ?? [])]);
  }
  const closure = new Map([...names].map((name) => [name, reachable(name, direct)] as const));
  reportCycles(direct, closure, roleEnum, report);
  return closure;
}

function reachable(start: string, direct: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set([start]);
  for (const role of found) {
    for (const inherited of direct.get(role) ?? []) {
      found.add(inherited);
    }
  }
  return found;
}

function reportCycles(
  direct: ReadonlyMap<string, readonly string[]>,
  closure: RoleClosure,
  roleEnum: string,
  report: Report,
): void {
  for (const [name, inherited] of direct) {
    const back = inherited.filter((role) => closure.get(role)?.has(name) === true);
    if (back.length > 0) {
      report(`${roleEnum}.${name}`, `inherits ${list(back)}, which in turn inherits ${name}; break the cycle`);
    }
  }
}

function list(names: Iterable<string>): string {
  return [...names].join(', ');
}
