/** SQL that creates a role unless it exists. Roles belong to the cluster, and two databases may migrate at once. */
export function createRole(role: string): string {
  return `do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then null; end $$`;
}

/** SQL that lets `roles` do `what` on `tables`. */
export function grant(what: string, tables: string, roles: readonly string[]): string {
  return `grant ${what} on ${tables} to ${roles.join(', ')}`;
}
