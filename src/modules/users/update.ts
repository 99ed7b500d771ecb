import { auditBy, recordEvent } from '../../database/events/record.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import type { User } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { Forbidden } from '../../lib/errors.ts';
import { administer } from '../roles/administer.ts';
import { holds } from '../roles/rules.ts';
import { requireVersion } from '../../lib/version.ts';
import { conflictOf, requireChangeable, requireLocked } from './changeable.ts';
import { emailKeyOf, requireDisplayName, requireUsername } from '../../lib/names.ts';

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

/** Changes a user's names or e-mail address. A changed address is notified, and so is the previous one. */
export async function updateUser(context: RequestContext, id: string, input: UpdateUserInput): Promise<User> {
  const changes = changesOf(input);
  const { before, after } = await administer(context, async (administration) => {
    const { user } = await requireChangeable(administration, id, 'users:write');
    if (changes.email !== undefined && !holds(administration.actor, 'users:write')) {
      throw new Forbidden('Only administrators change e-mail addresses');
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

/** Changes the viewer's own names. Their address stays: it is what a lost password is mailed to. */
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
