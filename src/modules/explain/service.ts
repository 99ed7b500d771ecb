import {
  accessMatrix,
  type AccessMatrix,
  explainAccess,
  type ExplainedCoordinate,
  type MatrixColumn,
  OperationError,
  type Policy,
  type RolePermissions,
  type Verdict,
} from '../../access/index.ts';
import type { RequestContext } from '../../context.ts';
import { BadUserInput } from '../../lib/errors.ts';
import {
  HOLDS_EVERYTHING,
  LOWEST_ROLE,
  requireKnownPermissions,
  requireKnownRoles,
  type RoleGraph,
} from '../../auth/role-graph.ts';

/** The built-in roles that hold every permission. The other built-in roles hold none. */
const BUILT_IN_PERMISSIONS: RolePermissions = { [HOLDS_EVERYTHING]: 'all' };

type VerdictName = 'YES' | 'NO' | 'OWN' | 'DEPENDS';

/** The names that the API has for verdicts. */
export const VERDICTS = { allowed: 'YES', denied: 'NO', own: 'OWN', depends: 'DEPENDS' } as const satisfies Record<
  Verdict,
  VerdictName
>;

export interface MatrixView {
  readonly columns: string[];
  readonly rows: { coordinate: string; cells: VerdictName[]; requirements: string; doors: string }[];
}

/** A role as it would be if it were saved. */
export interface DraftRole {
  readonly inherits?: readonly string[] | null;
  readonly permissions?: readonly string[] | null;
}

export interface MatrixInput {
  readonly roles?: readonly string[] | null;
  readonly draft?: DraftRole | null;
}

/** The name of the column of a draft. It cannot be the name of a role: see `RESERVED_ROLE_NAMES`. */
const DRAFT = 'draft';

/**
 * Returns the access matrix for an anonymous viewer, for these roles, and for a draft if one is given; if no roles are
 * named, for all roles, the built-in ones first.
 *
 * @throws {BadUserInput} if a role or a permission does not exist
 */
export async function getAccessMatrix(
  { policy, auth }: RequestContext,
  { roles, draft }: MatrixInput,
): Promise<MatrixView> {
  const graph = await auth.roleGraph();
  requireKnownRoles(graph, roles ?? [], 'roles');
  requireKnownRoles(graph, draft?.inherits ?? [], 'draft.inherits');
  requireKnownPermissions(policy.permissions, draft?.permissions ?? [], 'draft.permissions');
  const saved = [...new Set(roles ?? everyRole(policy, graph))].map((name) => savedColumn(name, graph, policy));
  const { columns, rows }: AccessMatrix = accessMatrix(policy, {
    columns: draft ? [...saved, draftColumn(draft, graph, policy)] : saved,
  });
  return {
    columns: [...columns],
    rows: rows.map(({ coordinate, cells, requirements }) => ({
      coordinate,
      cells: cells.map((verdict) => VERDICTS[verdict]),
      requirements,
      doors: requirements,
    })),
  };
}

/** The built-in roles in the order of the schema, then the added ones by name. */
function everyRole(policy: Policy, graph: RoleGraph): string[] {
  const builtIn = [...policy.roles.keys()];
  return [...builtIn, ...graph.names.filter((name) => !policy.roles.has(name)).toSorted()];
}

function savedColumn(name: string, graph: RoleGraph, policy: Policy): MatrixColumn {
  const roles = graph.closureOf([name, LOWEST_ROLE]);
  return { name, roles: builtInOf(roles, policy), permissions: graph.permissionsOf(roles) };
}

function draftColumn({ inherits, permissions }: DraftRole, graph: RoleGraph, policy: Policy): MatrixColumn {
  const roles = graph.closureOf([...(inherits ?? []), LOWEST_ROLE]);
  const held = withGiven(graph.permissionsOf(roles), permissions);
  return { name: DRAFT, roles: builtInOf(roles, policy), permissions: held };
}

/** Returns the roles that the schema has: added ones satisfy a requirement by their permissions only. */
function builtInOf(roles: ReadonlySet<string>, policy: Policy): string[] {
  return [...roles].filter((role) => policy.roles.has(role));
}

function withGiven(held: MatrixColumn['permissions'], given: readonly string[] | null | undefined) {
  return held === 'all' ? held : new Set([...(held ?? []), ...(given ?? [])]);
}

export interface ExplainInput {
  readonly operation: string;
  readonly operationName?: string | null;
  readonly roles?: readonly string[] | null;
  readonly permissions?: readonly string[] | null;
}

/**
 * Explains why an operation is allowed or denied to a viewer.
 *
 * @throws {BadUserInput} if the operation is not valid, or a role or permission does not exist
 */
export async function explainOperation(context: RequestContext, input: ExplainInput) {
  const { policy, auth } = context;
  const graph = await auth.roleGraph();
  requireKnownRoles(graph, input.roles ?? [], 'roles');
  requireKnownPermissions(policy.permissions, input.permissions ?? [], 'permissions');
  const signedIn = (input.roles ?? input.permissions ?? null) !== null;
  const roles = graph.closureOf([...(input.roles ?? []), LOWEST_ROLE]);
  const permissions = withGiven(graph.permissionsOf(roles), input.permissions);
  try {
    const { allowed, coordinates } = explainAccess(policy, {
      viewer: { id: signedIn ? 'viewer' : null, roles, permissions },
      operation: context.readDocument(input.operation),
      operationName: input.operationName,
      rolePermissions: BUILT_IN_PERMISSIONS,
    });
    return { allowed, coordinates: coordinates.map(viewOf) };
  } catch (error) {
    throw error instanceof OperationError ? new BadUserInput(error.message, { field: 'operation' }) : error;
  }
}

function viewOf({ coordinate, returning, lines, verdict, requirements, remedies }: ExplainedCoordinate) {
  const views = requirements.map(({ from, alternatives, verdict: own }) => {
    return { from, alternatives, keys: alternatives, verdict: VERDICTS[own] };
  });
  return {
    coordinate,
    returning,
    lines: [...lines],
    verdict: VERDICTS[verdict],
    requirements: views,
    doors: views,
    remedies: remedies.map((grants) => grants.map(({ kind, name }) => (kind === 'sign-in' ? 'sign in' : name))),
  };
}
