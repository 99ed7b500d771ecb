import { type GraphQLSchema, isEnumType } from 'graphql';
import type { Usages } from '../read/usages.ts';
import type { Report } from './policy-error.ts';

/**
 * Every role with the roles that it holds: itself, and all that it inherits, directly or not. In the order of the enum.
 */
export type RoleClosure = ReadonlyMap<string, ReadonlySet<string>>;

/** Returns the names of the enum of roles; none, and a report, if there is no such enum. */
export function roleNames(schema: GraphQLSchema, roleEnum: string, report: Report): ReadonlySet<string> {
  const type = schema.getType(roleEnum);
  if (!isEnumType(type)) {
    report(roleEnum, `is not an enum of the schema; declare "enum ${roleEnum}", or name yours in the option roleEnum`);
    return new Set();
  }
  return new Set(type.getValues().map(({ name }) => name));
}

/** Closes the roles over `@inherits`; reports names that are no role, and cycles. */
export function closeRoles(names: ReadonlySet<string>, roleEnum: string, usages: Usages, report: Report): RoleClosure {
  const direct = new Map<string, readonly string[]>();
  for (const name of names) {
    const inherited = usages.get(`${roleEnum}.${name}`)?.inherits ?? [];
    for (const unknown of inherited.filter((role) => !names.has(role))) {
      report(`${roleEnum}.${name}`, `@inherits names ${unknown}, which is not a role; the roles are ${list(names)}`);
    }
    direct.set(name, inherited);
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
