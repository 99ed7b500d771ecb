import { LOWEST_ROLE, type RoleGraph } from '../role-graph.ts';

/** Returns true if one of the assigned roles, or a role that these inherit, must not be used without a second factor. */
export function requiresSecondFactor(
  required: readonly string[],
  graph: RoleGraph,
  assigned: readonly string[],
): boolean {
  if (required.length === 0) {
    return false;
  }
  const held = graph.closureOf([...assigned, LOWEST_ROLE]);
  return required.some((role) => held.has(role));
}

/** Returns true if the roles of a session wait for a second factor, which was not shown in it. */
export function waitsForSecondFactor(
  session: { readonly assigned: readonly string[]; readonly secondFactor: boolean },
  required: readonly string[],
  graph: RoleGraph,
): boolean {
  return !session.secondFactor && requiresSecondFactor(required, graph, session.assigned);
}
