import type { Activation } from '../principal.ts';
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

/** Returns the roles of a session: none while a second factor is required of the user and was not shown in it. */
export function activationOf(
  session: {
    readonly assigned: readonly string[];
    readonly activation: Activation;
    readonly secondFactor: boolean;
  },
  required: readonly string[],
  graph: RoleGraph,
): Activation {
  const isMissing = !session.secondFactor && requiresSecondFactor(required, graph, session.assigned);
  return isMissing ? [] : session.activation;
}
