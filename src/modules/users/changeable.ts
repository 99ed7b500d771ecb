import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { validate as isUuid } from 'uuid';
import { type User, UserEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { Conflict, NotFound } from '../../lib/errors.ts';
import { type Administration, assignedRoles, requireMayChange } from '../roles/administer.ts';
import { isWithinReach } from '../roles/rules.ts';

function noSuchUser(): NotFound {
  return new NotFound('There is no such user');
}

/** Locks a user until the transaction ends, and returns them. @throws {NotFound} if they do not exist for the viewer */
export async function requireLocked(em: EntityManager, id: string): Promise<User> {
  const user = isUuid(id) ? await em.findOne(UserEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE }) : null;
  if (user === null) {
    throw noSuchUser();
  }
  return user;
}

/**
 * Locks a user whom the actor may change, and returns them with their roles.
 *
 * @param permission the one that lets the actor change users outside of their account
 * @throws {NotFound} {@link Forbidden}
 */
export async function requireChangeable(
  administration: Administration,
  id: string,
  permission: 'users:write' | 'users:roles',
): Promise<{ user: User; roles: readonly string[] }> {
  const user = await requireLocked(administration.em, id);
  if (!isWithinReach(administration.actor, user, permission)) {
    throw noSuchUser();
  }
  const roles = await assignedRoles(administration.em, user.id);
  requireMayChange(administration, { id: user.id, roles });
  return { user, roles };
}

/** Returns true if the database reports that another user has the name or the address. */
export function isTaken(error: unknown, what: 'email' | 'username'): boolean {
  const constraint = what === 'email' ? 'users_email_key_unique' : 'users_username_unique';
  return error instanceof UniqueConstraintViolationException && error.message.includes(constraint);
}

/** Returns the error for clients when a name or an address is taken; the same error otherwise. */
export function conflictOf(error: unknown): unknown {
  if (isTaken(error, 'username')) {
    return new Conflict('This user name is taken', { field: 'input.username' });
  }
  if (isTaken(error, 'email')) {
    return new Conflict('This e-mail address is taken', { field: 'input.email' });
  }
  return error;
}
