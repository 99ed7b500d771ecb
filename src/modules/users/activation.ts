import { auditBy, recordEvent } from '../../database/events/record.ts';
import type { RequestContext } from '../../context.ts';
import type { Tables, User } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { administer } from '../roles/administer.ts';
import { requireAnotherSuperAdmin } from '../roles/assignments.ts';
import { requireChangeable } from './changeable.ts';

/** Lets a user sign in no longer, and ends their sessions, at once. */
export function deactivateUser(context: RequestContext, id: string): Promise<User> {
  return setActive(context, id, false);
}

/** Lets a user sign in again. */
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

/** The tables whose rows of a user go with the user. */
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
 * Removes a user for good: names, address, credentials, sessions and roles go, the row stays for what refers to it.
 * Returns the user as it was.
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
