import { auditBy, recordEvent } from '../../database/events/record.ts';
import type { RequestContext } from '../../context.ts';
import type { User } from '../../database/entities/index.ts';
import { administer, type Administration } from '../roles/administer.ts';
import {
  giveRoles,
  requireAnotherSuperAdmin,
  requireCompatible,
  requireMayHandOut,
  takeRole,
} from '../roles/assignments.ts';
import { HIGHEST_ROLE } from '../../auth/role-graph.ts';
import { requireChangeable } from './changeable.ts';

/** Gives a role to a user. One that the user has stays as it is. */
export function assignRole(context: RequestContext, userId: string, role: string): Promise<User> {
  const work = async (administration: Administration): Promise<User> => {
    const { em, graph } = administration;
    const { user, roles } = await requireChangeable(administration, userId, 'users:roles');
    requireMayHandOut(administration, [role]);
    if (roles.includes(role)) {
      return user;
    }
    requireCompatible(graph, [...roles, role]);
    await giveRoles(em, user.id, [role]);
    const target = { type: 'user', id: user.id } as const;
    await recordEvent(em, auditBy(context), { action: 'role.assigned', target, details: { role } });
    return user;
  };
  return administer(context, work, { stepUp: true });
}

/** Takes a role away from a user. One that the user has not is no error. */
export function revokeRole(context: RequestContext, userId: string, role: string): Promise<User> {
  const work = async (administration: Administration): Promise<User> => {
    const { em } = administration;
    const { user, roles } = await requireChangeable(administration, userId, 'users:roles');
    requireMayHandOut(administration, [role]);
    if (!roles.includes(role)) {
      return user;
    }
    if (role === HIGHEST_ROLE) {
      await requireAnotherSuperAdmin(em, { id: user.id, roles });
    }
    await takeRole(em, user.id, role);
    const target = { type: 'user', id: user.id } as const;
    await recordEvent(em, auditBy(context), { action: 'role.revoked', target, details: { role } });
    return user;
  };
  return administer(context, work, { stepUp: true });
}
