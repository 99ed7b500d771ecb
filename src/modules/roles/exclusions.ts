import { auditBy, recordEvent } from '../../database/events/record.ts';
import type { RequestContext } from '../../context.ts';
import type { ExclusionKind, Tables } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { BadUserInput, Conflict, Forbidden, NotFound } from '../../lib/errors.ts';
import { administer, type Administration } from './administer.ts';
import {
  type Exclusion,
  HOLDS_EVERYTHING,
  loadRoleGraph,
  requireKnownRoles,
  type RoleGraph,
} from '../../auth/role-graph.ts';
import { mayHandOut } from './rules.ts';

/** @throws {Conflict} if users hold roles that exclude each other; names their number */
export async function requireNoHolderClashes(em: EntityManager, graph: RoleGraph): Promise<void> {
  const held = em
    .getKysely<Tables>()
    .selectFrom('role_assignments')
    .select(({ fn }) => fn.agg<string[]>('array_agg', ['role']).orderBy('role').as('roles'))
    .groupBy('user_id');
  const combinations = await em
    .getKysely<Tables>()
    .selectFrom(held.as('held'))
    .select(['roles', ({ fn }) => fn.countAll<number | string>().as('users')])
    .groupBy('roles')
    .execute();
  const clashing = combinations.filter(({ roles }) => graph.clashOf(roles, 'STATIC') !== null);
  const users = clashing.reduce((sum, { users: holders }) => sum + Number(holders), 0);
  if (users > 0) {
    throw new Conflict(`${users} user${users === 1 ? ' holds' : 's hold'} roles that would exclude each other`);
  }
}

/**
 * Declares two roles mutually exclusive: never held together (static), or never activated together (dynamic).
 *
 * @throws {BadUserInput} if a role does not exist, both are the same, or one is ADMIN or above, which cannot be excluded
 * @throws {Conflict} if a role grants both, or a user holds both
 */
export function excludeRoles(context: RequestContext, a: string, b: string, kind: ExclusionKind): Promise<Exclusion> {
  const pair = pairOf(a, b, kind);
  return administer(
    context,
    async (administration) => {
      const { em } = administration;
      requireExcludable(administration, pair);
      await em
        .getKysely<Tables>()
        .insertInto('role_exclusions')
        .values(pair)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await requireNoRoleGivesBoth(em, pair);
      await requireNoHolderClashes(em, await loadRoleGraph(em));
      await recordPair(context, em, 'roles.excluded', pair);
      return pair;
    },
    { roles: true },
  );
}

/** Removes the exclusion of two roles. */
export function allowRoles(context: RequestContext, a: string, b: string, kind: ExclusionKind): Promise<Exclusion> {
  const pair = pairOf(a, b, kind);
  return administer(
    context,
    async (administration) => {
      const { em } = administration;
      requireExcludable(administration, pair);
      const gone = await em
        .getKysely<Tables>()
        .deleteFrom('role_exclusions')
        .where('a', '=', pair.a)
        .where('b', '=', pair.b)
        .where('kind', '=', kind)
        .returning('a')
        .execute();
      if (gone.length === 0) {
        throw new NotFound('These roles do not exclude each other');
      }
      await recordPair(context, em, 'roles.allowed', pair);
      return pair;
    },
    { roles: true },
  );
}

function pairOf(a: string, b: string, kind: ExclusionKind): Exclusion {
  return a < b ? { a, b, kind } : { a: b, b: a, kind };
}

function requireExcludable({ actor, graph }: Administration, { a, b }: Exclusion): void {
  requireKnownRoles(graph, [a], 'a');
  requireKnownRoles(graph, [b], 'b');
  if (a === b) {
    throw new BadUserInput('A role cannot exclude itself: name two different roles', { field: 'b' });
  }
  const isOutside = [a, b].some((role) => graph.closureOf([role]).has(HOLDS_EVERYTHING));
  if (isOutside) {
    throw new BadUserInput('ADMIN and the roles above it cannot be excluded');
  }
  if (![a, b].every((role) => mayHandOut(actor, graph, graph.powerOf([role]), 'roles:write'))) {
    throw new Forbidden('You can exclude and allow only roles that you hold');
  }
}

async function requireNoRoleGivesBoth(em: EntityManager, { a, b }: Exclusion): Promise<void> {
  const graph = await loadRoleGraph(em);
  const roles = await em.getKysely<Tables>().selectFrom('roles').select('name').orderBy('name').execute();
  const both = roles.find(({ name }) => {
    const closed = graph.closureOf([name]);
    return closed.has(a) && closed.has(b) && !closed.has(HOLDS_EVERYTHING);
  });
  if (both !== undefined) {
    throw new Conflict(`${both.name} grants both ${a} and ${b}`);
  }
}

function recordPair(
  context: RequestContext,
  em: EntityManager,
  action: 'roles.excluded' | 'roles.allowed',
  { a, b, kind }: Exclusion,
): Promise<void> {
  return recordEvent(em, auditBy(context), { action, target: { type: 'role', id: a }, details: { with: b, kind } });
}
