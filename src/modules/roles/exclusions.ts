import { auditBy, recordEvent } from '../../database/events/record.ts';
import type { RequestContext } from '../../context.ts';
import type { ExclusionKind } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { BadUserInput, Conflict, Forbidden, NotFound } from '../../lib/errors.ts';
import { administer, type Administration } from './administer.ts';
import { type Exclusion, HOLDS_EVERYTHING, loadRoleGraph, type RoleGraph } from '../../auth/role-graph.ts';
import { mayHandOut } from './rules.ts';

/** @throws {Conflict} when somebody holds roles that exclude each other: says how many do */
export async function requireNobodyClashes(em: EntityManager, graph: RoleGraph): Promise<void> {
  const combinations = await em.execute<{ roles: string[]; users: number }[]>(
    `select roles, count(*)::int as users from (
       select array_agg(role order by role) as roles from role_assignments group by user_id
     ) as held where cardinality(roles) > 0 group by roles`,
  );
  const clashing = combinations.filter(({ roles }) => graph.clashOf(roles, 'STATIC') !== null);
  const users = clashing.reduce((sum, held) => sum + held.users, 0);
  if (users > 0) {
    throw new Conflict(`${users} user${users === 1 ? ' holds' : 's hold'} roles that would exclude each other`);
  }
}

/**
 * Declares two roles mutually exclusive: never held together (static), or never activated together (dynamic).
 *
 * @throws {BadUserInput} when a role does not exist, they are one, or one is ADMIN or above, which stand outside
 * @throws {Conflict} when a role gives both, or somebody holds both
 */
export function excludeRoles(context: RequestContext, a: string, b: string, kind: ExclusionKind): Promise<Exclusion> {
  const pair = pairOf(a, b, kind);
  return administer(
    context,
    async (administration) => {
      const { em } = administration;
      requireExcludable(administration, pair);
      await em.execute(
        'insert into role_exclusions (a, b, kind) values (?, ?, ?) on conflict do nothing',
        [pair.a, pair.b, kind],
        'run',
      );
      await requireNoRoleGivesBoth(em, pair);
      await requireNobodyClashes(em, await loadRoleGraph(em));
      await recordPair(context, em, 'roles.excluded', pair);
      return pair;
    },
    { roles: true },
  );
}

/** Takes an exclusion back. */
export function allowRoles(context: RequestContext, a: string, b: string, kind: ExclusionKind): Promise<Exclusion> {
  const pair = pairOf(a, b, kind);
  return administer(
    context,
    async (administration) => {
      const { em } = administration;
      requireExcludable(administration, pair);
      const gone = await em.execute<unknown[]>(
        'delete from role_exclusions where a = ? and b = ? and kind = ? returning a',
        [pair.a, pair.b, kind],
      );
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
  if (a === b || !graph.has(a) || !graph.has(b)) {
    throw new BadUserInput('Two different roles that exist are needed');
  }
  const isOutside = [a, b].some((role) => graph.closureOf([role]).has(HOLDS_EVERYTHING));
  if (isOutside) {
    throw new BadUserInput('Roles that hold everything stand outside of exclusions');
  }
  if (![a, b].every((role) => mayHandOut(actor, graph, graph.powerOf([role])))) {
    throw new Forbidden('Only those who hold both roles can decide about them');
  }
}

async function requireNoRoleGivesBoth(em: EntityManager, { a, b }: Exclusion): Promise<void> {
  const graph = await loadRoleGraph(em);
  const roles = await em.execute<{ name: string }[]>('select name from roles order by name');
  const both = roles.find(({ name }) => {
    const closed = graph.closureOf([name]);
    return closed.has(a) && closed.has(b) && !closed.has(HOLDS_EVERYTHING);
  });
  if (both !== undefined) {
    throw new Conflict(`${both.name} gives both ${a} and ${b}`);
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
