import { LockMode } from '@mikro-orm/core';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import type { RequestContext } from '../../context.ts';
import { type Role, RoleEntity, type Tables } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { BadUserInput, Conflict, Forbidden, NotFound, requireVersion } from '../../lib/errors.ts';
import { foldName, requireNewRoleName, requireText } from '../../lib/names.ts';
import { administer, type Administration, requireUnused } from './administer.ts';
import { requireNoHolderClashes } from './exclusions.ts';
import {
  HIGHEST_ROLE,
  loadRoleGraph,
  requireKnownPermissions,
  requireKnownRoles,
  type RoleGraph,
} from '../../auth/role-graph.ts';
import { mayHandOut } from './rules.ts';

const LONGEST_DESCRIPTION = 1_000;

export interface CreateRoleInput {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly inherits?: readonly string[] | null | undefined;
  readonly permissions?: readonly string[] | null | undefined;
}

export interface UpdateRoleInput {
  readonly description?: string | null | undefined;
  readonly inherits?: readonly string[] | null | undefined;
  readonly permissions?: readonly string[] | null | undefined;
  readonly version?: number | null | undefined;
}

/** The grants of a role: the roles that it inherits, and its own permissions. */
interface Grants {
  readonly inherits: readonly string[];
  readonly permissions: readonly string[];
}

function requireDescription(text: string): string {
  const rule = { what: 'A description', field: 'input.description', longest: LONGEST_DESCRIPTION };
  return requireText(text.normalize('NFC').trim(), rule);
}

/** @throws {NotFound} if the role does not exist. @throws {Forbidden} if it is built in */
async function requireEditable(em: EntityManager, name: string): Promise<Role> {
  const role = await em.findOne(RoleEntity, { name }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (role === null) {
    throw new NotFound('There is no such role');
  }
  if (role.builtIn) {
    throw new Forbidden('Built-in roles cannot be edited: create a role that inherits this one');
  }
  return role;
}

function requireKnown(context: RequestContext, graph: RoleGraph, { inherits, permissions }: Grants): void {
  requireKnownRoles(graph, inherits, 'input.inherits');
  requireKnownPermissions(context.policy.permissions, permissions, 'input.permissions');
}

/**
 * Checks the grants that a role is to have: everyone who holds the role gets them.
 *
 * @throws {Forbidden} if the actor does not hold them, or if SUPER_ADMIN is among them, which no role may inherit
 */
function requireMayGrant({ actor, graph }: Administration, { inherits, permissions }: Grants): void {
  const inherited = graph.powerOf(inherits);
  const all = inherited.permissions === 'all' ? 'all' : new Set([...inherited.permissions, ...permissions]);
  const power = { ...inherited, permissions: all } as const;
  if (inherited.builtIn.has(HIGHEST_ROLE) || !mayHandOut(actor, graph, power, 'roles:write')) {
    throw new Forbidden('A role can grant only what you hold');
  }
}

async function writeGrants(em: EntityManager, role: string, { inherits, permissions }: Grants): Promise<void> {
  const kysely = em.getKysely<Tables>();
  await kysely.deleteFrom('role_inheritance').where('role', '=', role).execute();
  await kysely.deleteFrom('role_permissions').where('role', '=', role).execute();
  if (inherits.length > 0) {
    const rows = inherits.map((inherited) => ({ role, inherits: inherited }));
    await kysely.insertInto('role_inheritance').values(rows).execute();
  }
  if (permissions.length > 0) {
    const rows = permissions.map((permission) => ({ role, permission }));
    await kysely.insertInto('role_permissions').values(rows).execute();
  }
}

/**
 * Checks the roles after a change.
 *
 * @throws {Conflict} if a user holds two that exclude each other, directly or by inheritance
 */
async function requireNoClash(em: EntityManager, changed: string): Promise<void> {
  const graph = await loadRoleGraph(em);
  const own = graph.clashOf([changed], 'STATIC') ?? graph.clashOf([changed], 'DYNAMIC');
  if (own !== null) {
    throw new Conflict(`${own.a} and ${own.b} exclude each other: no role may grant both`);
  }
  await requireNoHolderClashes(em, graph);
}

/** Adds a role. */
export function createRole(context: RequestContext, input: CreateRoleInput): Promise<Role> {
  requireNewRoleName(input.name);
  const description = requireDescription(input.description ?? '');
  const grants = { inherits: distinct(input.inherits), permissions: distinct(input.permissions) };
  return administer(
    context,
    async (administration) => {
      const { em, graph } = administration;
      await requireFreeName(em, input.name);
      requireKnown(context, graph, grants);
      requireMayGrant(administration, grants);
      const role = em.create(RoleEntity, { name: input.name, description, builtIn: false, version: 1 });
      await em.flush();
      await writeGrants(em, role.name, grants);
      await requireNoClash(em, role.name);
      await record(context, em, 'role.created', role.name, grants);
      return role;
    },
    { roles: true },
  );
}

/** @throws {Conflict} if a role has the name, ignoring case */
async function requireFreeName(em: EntityManager, name: string): Promise<void> {
  const names = await em.getKysely<Tables>().selectFrom('roles').select('name').execute();
  if (names.some((taken) => foldName(taken.name) === foldName(name))) {
    throw new Conflict('Another role has this name', { field: 'input.name' });
  }
}

/** Changes the grants or the description of a role. Fields that are left out stay unchanged. */
export function updateRole(context: RequestContext, name: string, input: UpdateRoleInput): Promise<Role> {
  return administer(
    context,
    async (administration) => {
      const { em, graph } = administration;
      const role = await requireEditable(em, name);
      requireVersion(role, input.version);
      const before = await grantsOf(em, name);
      requireMayGrant(administration, before);
      const grants = {
        inherits: input.inherits ? distinct(input.inherits) : before.inherits,
        permissions: input.permissions ? distinct(input.permissions) : before.permissions,
      };
      requireKnown(context, graph, grants);
      if (graph.closureOf(grants.inherits).has(name)) {
        throw new BadUserInput('A role cannot inherit itself, directly or through others', { field: 'input.inherits' });
      }
      requireMayGrant(administration, grants);
      await writeGrants(em, name, grants);
      const description = input.description ? requireDescription(input.description) : role.description;
      // The version counts every edit, also of grants, which are in other tables.
      await em
        .getKysely<Tables>()
        .updateTable('roles')
        .set((eb) => ({ description, version: eb('version', '+', 1) }))
        .where('name', '=', name)
        .execute();
      await requireNoClash(em, name);
      await record(context, em, 'role.updated', name, grants);
      return { ...role, description, version: role.version + 1 };
    },
    { roles: true },
  );
}

/** Deletes a role that no user holds and no role inherits. Returns it as it was. */
export function deleteRole(context: RequestContext, name: string): Promise<Role> {
  return administer(
    context,
    async (administration) => {
      const { em } = administration;
      const role = await requireEditable(em, name);
      const grants = await grantsOf(em, name);
      requireMayGrant(administration, grants);
      await requireUnused(em, name);
      await em.nativeDelete(RoleEntity, { name });
      await record(context, em, 'role.deleted', name, grants);
      return role;
    },
    { roles: true },
  );
}

async function grantsOf(em: EntityManager, role: string): Promise<Grants> {
  const kysely = em.getKysely<Tables>();
  const inherits = await kysely
    .selectFrom('role_inheritance')
    .select('inherits')
    .where('role', '=', role)
    .orderBy('inherits')
    .execute();
  const permissions = await kysely
    .selectFrom('role_permissions')
    .select('permission')
    .where('role', '=', role)
    .orderBy('permission')
    .execute();
  return {
    inherits: inherits.map((row) => row.inherits),
    permissions: permissions.map(({ permission }) => permission),
  };
}

function record(
  context: RequestContext,
  em: EntityManager,
  action: 'role.created' | 'role.updated' | 'role.deleted',
  name: string,
  { inherits, permissions }: Grants,
): Promise<void> {
  const target = { type: 'role', id: name } as const;
  return recordEvent(em, auditBy(context), { action, target, details: { inherits, permissions } });
}

function distinct(names: readonly string[] | null | undefined): readonly string[] {
  return [...new Set(names ?? [])];
}
