import { v4 as randomUuid, validate as isUuid } from 'uuid';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import { hashed } from '../../auth/passwords/hashing.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import { AccountEntity, CredentialEntity, type User, UserEntity } from '../../database/entities/index.ts';
import { BadUserInput, NotFound } from '../../lib/errors.ts';
import { holds } from '../../lib/viewer.ts';
import {
  administer,
  type Administration,
  giveRoles,
  requireCompatible,
  requireMayHandOut,
} from '../roles/administer.ts';
import { conflictOf, isTaken } from './changeable.ts';
import { emailKeyOf, requireDisplayName, requireUsername } from '../../lib/names.ts';

export interface CreateUserInput {
  readonly username: string;
  readonly email: string;
  readonly displayName: string;
  /** Without one the user sets a password through a password reset. */
  readonly password?: string | null | undefined;
  readonly roles?: readonly string[] | null | undefined;
  /** For an administrator of one account it must be their own account, which is also the default. */
  readonly accountId?: string | null | undefined;
}

/**
 * Creates a user.
 *
 * A viewer who may not list all users does not learn that an e-mail address is taken: the answer is the same as for a
 * new user, and the owner of the address gets a mail.
 *
 * @throws {BadUserInput} {@link Forbidden} {@link NotFound} {@link Conflict} by the rules in `modules/roles/rules.ts`
 */
export async function createUser(context: RequestContext, input: CreateUserInput): Promise<User> {
  const viewer = requireSignedIn(context.viewer);
  const person = {
    username: requireUsername(input.username),
    email: input.email,
    displayName: requireDisplayName(input.displayName),
  };
  const passwordHash = await hashFor(context, person, input.password ?? null);
  const now = context.now();
  const row = {
    ...person,
    id: randomUuid(),
    emailKey: emailKeyOf(input.email),
    emailVerified: true,
    active: true,
    account: holds(viewer, 'users:write') ? (input.accountId ?? null) : viewer.accountId,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
  const roles = [...new Set(input.roles ?? [])];
  try {
    const work = async (administration: Administration): Promise<User> => {
      const { em, graph, actor } = administration;
      await requireOwnOrExisting(administration, input.accountId ?? null);
      requireMayHandOut(administration, roles);
      requireCompatible(graph, roles);
      const user = em.create(UserEntity, row);
      await em.flush();
      if (passwordHash !== null) {
        await em.insert(CredentialEntity, { user: user.id, passwordHash, updatedAt: now, version: 1 });
      }
      await giveRoles(em, user.id, roles);
      await recordEvent(em, auditBy(context), {
        action: 'user.created',
        target: { type: 'user', id: user.id },
        details: { roles, account: row.account, by: actor.id },
      });
      return user;
    };
    return await administer(context, work, { stepUp: true });
  } catch (error) {
    if (isTaken(error, 'email') && !holds(viewer, 'users:write')) {
      context.auth.warnOwner(person.email, auditBy(context));
      return { ...row, search: '' };
    }
    throw conflictOf(error);
  }
}

/** @throws {NotFound} if the account does not exist, or is not the actor's own and the actor may see no other */
export async function requireOwnOrExisting({ em, actor }: Administration, accountId: string | null): Promise<void> {
  if (!holds(actor, 'users:write')) {
    if (actor.accountId === null || (accountId !== null && accountId !== actor.accountId)) {
      throw new NotFound('There is no such account');
    }
    return;
  }
  if (accountId !== null && (!isUuid(accountId) || (await em.count(AccountEntity, { id: accountId })) === 0)) {
    throw new NotFound('There is no such account');
  }
}

/** Hashes the password, if there is one. @throws {RateLimited} for the second password of an operation */
async function hashFor(
  { auth, unit }: RequestContext,
  person: Pick<CreateUserInput, 'username' | 'email' | 'displayName'>,
  password: string | null,
): Promise<string | null> {
  if (password === null) {
    return null;
  }
  auth.requireFirstPassword(unit);
  const problems = await auth.checkPassword(password, person);
  if (problems.length > 0) {
    throw new BadUserInput(problems.map(({ message }) => message).join(' '), { field: 'input.password' });
  }
  return hashed(() => auth.hasher.hash(password));
}
