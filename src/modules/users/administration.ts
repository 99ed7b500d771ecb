import { auditBy, recordEvent } from '../../database/events/record.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import type { User, Tables } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { Forbidden, requireVersion } from '../../lib/errors.ts';
import { holds } from '../../lib/viewer.ts';
import {
  administer,
  type Administration,
  requireAnotherSuperAdmin,
  giveRoles,
  requireCompatible,
  requireMayHandOut,
  takeRole,
} from '../roles/administer.ts';
import { conflictOf, requireChangeable, requireLocked } from './changeable.ts';
import { emailKeyOf, requireDisplayName, requireUsername } from '../../lib/names.ts';
import { HIGHEST_ROLE } from '../../auth/role-graph.ts';

export interface UpdateUserInput {
  readonly username?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  readonly version?: number | null | undefined;
}

export interface UpdateMeInput {
  readonly username?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  readonly version?: number | null | undefined;
}

/** Changes a user's names or e-mail address. Both the new and the previous address get a mail. */
export async function updateUser(context: RequestContext, id: string, input: UpdateUserInput): Promise<User> {
  const changes = changesOf(input);
  const { before, after } = await administer(context, async (administration) => {
    const { user } = await requireChangeable(administration, id, 'users:write');
    if (changes.email !== undefined && !holds(administration.actor, 'users:write')) {
      throw new Forbidden(
        'Only administrators of all users may change an e-mail address: the user can use changeMyEmail',
      );
    }
    const { email, emailKey } = user;
    return {
      before: { email, emailKey },
      after: await applyChanges(context, administration.em, user, changes, input.version),
    };
  }).catch((error: unknown) => {
    throw conflictOf(error);
  });
  if (after.emailKey !== before.emailKey) {
    context.auth.notices.addressChanged(before.email, after.email);
  }
  return after;
}

/** Changes the viewer's own names. `changeMyEmail` changes the address, which must be confirmed. */
export async function updateMe(context: RequestContext, input: UpdateMeInput): Promise<User> {
  const viewer = requireSignedIn(context.viewer);
  const changes = changesOf(input);
  return context.unit
    .write(async (em) => applyChanges(context, em, await requireLocked(em, viewer.id), changes, input.version))
    .catch((error: unknown) => {
      throw conflictOf(error);
    });
}

interface Changes {
  readonly username?: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly emailKey?: string;
}

function changesOf({ username, displayName, email }: UpdateUserInput): Changes {
  return {
    ...(username ? { username: requireUsername(username) } : {}),
    ...(displayName ? { displayName: requireDisplayName(displayName) } : {}),
    ...(email ? { email, emailKey: emailKeyOf(email) } : {}),
  };
}

async function applyChanges(
  context: RequestContext,
  em: EntityManager,
  user: User,
  changes: Changes,
  expected: number | null | undefined,
): Promise<User> {
  requireVersion(user, expected);
  if (Object.keys(changes).length === 0) {
    return user;
  }
  em.assign(user, { ...changes, updatedAt: context.now() });
  await em.flush();
  await recordEvent(em, auditBy(context), {
    action: 'user.updated',
    target: { type: 'user', id: user.id },
    details: { fields: Object.keys(changes).filter((field) => field !== 'emailKey') },
  });
  return user;
}

/** Prevents a user from signing in, and ends their sessions, with immediate effect. */
export function deactivateUser(context: RequestContext, id: string): Promise<User> {
  return setActive(context, id, false);
}

/** Allows a user to sign in again. */
export function activateUser(context: RequestContext, id: string): Promise<User> {
  return setActive(context, id, true);
}

function setActive(context: RequestContext, id: string, active: boolean): Promise<User> {
  return administer(context, async (administration) => {
    const { em } = administration;
    const { user, roles } = await requireChangeable(administration, id, 'users:write');
    if (user.active === active) {
      return user;
    }
    const now = context.now();
    if (!active) {
      await requireAnotherSuperAdmin(em, { id: user.id, roles });
      await endSessionsOf(em, user.id, now);
    }
    em.assign(user, { active, updatedAt: now });
    await em.flush();
    const action = active ? 'user.activated' : 'user.deactivated';
    await recordEvent(em, auditBy(context), { action, target: { type: 'user', id: user.id } });
    return user;
  });
}

/** Ends the sessions of a user. The row scope of an administrator may end them, but not read them. */
async function endSessionsOf(em: EntityManager, userId: string, now: Date): Promise<void> {
  await em
    .getKysely<Tables>()
    .updateTable('sessions')
    .set({ ended_at: now, ended_because: 'deactivated' })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .execute();
}

/** The tables whose rows are deleted with their user. */
const OWN_TABLES = [
  'sessions',
  'api_keys',
  'external_identities',
  'credentials',
  'totp_secrets',
  'recovery_codes',
  'login_challenges',
  'passkeys',
  'role_assignments',
] as const;

/**
 * Removes a user permanently. Names, address, credentials, sessions and roles are deleted; the row stays for records that
 * refer to it. Returns the user as they were.
 */
export function removeUser(context: RequestContext, id: string): Promise<User> {
  return administer(context, async (administration) => {
    const { em } = administration;
    const { user, roles } = await requireChangeable(administration, id, 'users:write');
    await requireAnotherSuperAdmin(em, { id: user.id, roles });
    const before = { ...user };
    for (const table of OWN_TABLES) {
      await em.getKysely<Tables>().deleteFrom(table).where('user_id', '=', user.id).execute();
    }
    const name = `removed-${user.id.slice(0, 8)}${user.id.slice(-12)}`;
    em.assign(user, {
      username: name,
      email: `${name}@users.invalid`,
      emailKey: `${name}@users.invalid`,
      displayName: 'Removed user',
      active: false,
      account: null,
      updatedAt: context.now(),
    });
    await em.flush();
    await recordEvent(em, auditBy(context), { action: 'user.removed', target: { type: 'user', id: user.id } });
    return before;
  });
}

/** Assigns a role to a user. A role that the user holds already stays as it is. */
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

/** Revokes a role of a user. A role that the user does not hold is not an error. */
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
