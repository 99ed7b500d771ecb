import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { v4 as randomUuid, validate as isUuid } from 'uuid';
import { auditBy, recordEvent } from '../audit/record.ts';
import { hashed } from '../auth/hashed.ts';
import { requireSignedIn, type RequestContext } from '../context.ts';
import { AccountEntity, CredentialEntity, type User, UserEntity } from '../database/entities/index.ts';
import type { EntityManager } from '../database/orm.ts';
import { BadUserInput, Conflict, Forbidden, NotFound } from '../errors.ts';
import { administer, type Administration } from '../roles/administer.ts';
import {
  assignedRoles,
  giveRoles,
  requireAnotherSuperAdmin,
  requireCompatible,
  requireMayChange,
  requireMayHandOut,
  takeRole,
} from '../roles/assignments.ts';
import { HIGHEST_ROLE } from '../roles/role-graph.ts';
import { administersAll } from '../roles/rules.ts';
import { requireVersion } from '../version.ts';
import { emailKeyOf, requireDisplayName, requireUsername } from './identity.ts';

export interface CreateUserInput {
  readonly username: string;
  readonly email: string;
  readonly displayName: string;
  /** Without one the user chooses it by mail. */
  readonly password?: string | null | undefined;
  readonly roles?: readonly string[] | null | undefined;
  /** An administrator of one account has no choice: it is theirs. */
  readonly accountId?: string | null | undefined;
}

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

function noSuchUser(): NotFound {
  return new NotFound('There is no such user');
}

/** A user who exists for the viewer, locked until the transaction ends. @throws {NotFound} */
async function requireLocked(em: EntityManager, id: string): Promise<User> {
  const user = isUuid(id) ? await em.findOne(UserEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE }) : null;
  if (user === null) {
    throw noSuchUser();
  }
  return user;
}

/** A user whom the actor may change, with their roles. */
async function requireChangeable(
  administration: Administration,
  id: string,
): Promise<{ user: User; roles: readonly string[] }> {
  const user = await requireLocked(administration.em, id);
  const roles = await assignedRoles(administration.em, user.id);
  requireMayChange(administration, { id: user.id, roles });
  return { user, roles };
}

/**
 * Makes a user.
 *
 * Whether an e-mail address is taken is not told to those who may not list all users: they are answered as if the user
 * had been made, and the owner of the address gets a mail.
 *
 * @throws {BadUserInput} {@link Forbidden} {@link NotFound} {@link Conflict} as the rules of administration say
 */
export async function createUser(context: RequestContext, input: CreateUserInput): Promise<User> {
  const viewer = requireSignedIn(context.viewer);
  const person = {
    username: requireUsername(input.username),
    email: input.email,
    displayName: requireDisplayName(input.displayName),
  };
  const passwordHash = await hashFor(context, person, input.password ?? null);
  const now = context.auth.now();
  const row = {
    ...person,
    id: randomUuid(),
    emailKey: emailKeyOf(input.email),
    active: true,
    account: administersAll(viewer) ? (input.accountId ?? null) : viewer.accountId,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
  const roles = [...new Set(input.roles ?? [])];
  try {
    return await administer(context, async (administration) => {
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
    });
  } catch (error) {
    if (isTaken(error, 'email') && !administersAll(viewer)) {
      tellOwner(context, person.email);
      return row;
    }
    throw conflictOf(error);
  }
}

/** @throws {NotFound} alike for an account that does not exist and one that is another's */
async function requireOwnOrExisting({ em, actor }: Administration, accountId: string | null): Promise<void> {
  if (!administersAll(actor)) {
    if (actor.accountId === null || (accountId !== null && accountId !== actor.accountId)) {
      throw new NotFound('There is no such account');
    }
    return;
  }
  if (accountId !== null && (!isUuid(accountId) || (await em.count(AccountEntity, { id: accountId })) === 0)) {
    throw new NotFound('There is no such account');
  }
}

async function hashFor(
  { auth }: RequestContext,
  person: Pick<CreateUserInput, 'username' | 'email' | 'displayName'>,
  password: string | null,
): Promise<string | null> {
  if (password === null) {
    return null;
  }
  const problems = auth.passwordPolicy.problems(password, person);
  if (problems.length > 0) {
    throw new BadUserInput(problems.map(({ message }) => message).join(' '), { field: 'input.password' });
  }
  return hashed(() => auth.hasher.hash(password));
}

/** Changes a user's names or e-mail address. */
export async function updateUser(context: RequestContext, id: string, input: UpdateUserInput): Promise<User> {
  const changes = changesOf(input);
  return administer(context, async (administration) => {
    const { user } = await requireChangeable(administration, id);
    if (changes.email !== undefined && !administersAll(administration.actor)) {
      throw new Forbidden('Only administrators change e-mail addresses');
    }
    return applyChanges(context, administration.em, user, changes, input.version);
  }).catch((error: unknown) => {
    throw conflictOf(error);
  });
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
  em.assign(user, { ...changes, updatedAt: context.auth.now() });
  await em.flush();
  await recordEvent(em, auditBy(context), {
    action: 'user.updated',
    target: { type: 'user', id: user.id },
    details: { fields: Object.keys(changes).filter((field) => field !== 'emailKey') },
  });
  return user;
}

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
    const { user, roles } = await requireChangeable(administration, id);
    if (user.active === active) {
      return user;
    }
    const now = context.auth.now();
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

/** Ends a user's sessions as somebody who may end them, but not read them. */
async function endSessionsOf(em: EntityManager, userId: string, now: Date): Promise<void> {
  await em.execute(
    `update sessions set ended_at = ?, ended_because = 'deactivated' where user_id = ? and ended_at is null`,
    [now, userId],
    'run',
  );
}

/**
 * Removes a user for good: names, address, credentials, sessions and roles go, the row stays for what refers to it.
 * Returns the user as it was.
 */
export function removeUser(context: RequestContext, id: string): Promise<User> {
  return administer(context, async (administration) => {
    const { em } = administration;
    const { user, roles } = await requireChangeable(administration, id);
    await requireAnotherSuperAdmin(em, { id: user.id, roles });
    const before = { ...user };
    for (const table of ['sessions', 'api_keys', 'external_identities', 'credentials', 'role_assignments']) {
      await em.execute(`delete from ${table} where user_id = ?`, [user.id], 'run');
    }
    const name = `removed-${user.id.slice(0, 8)}${user.id.slice(-12)}`;
    em.assign(user, {
      username: name,
      email: `${name}@users.invalid`,
      emailKey: `${name}@users.invalid`,
      displayName: 'Removed user',
      active: false,
      account: null,
      updatedAt: context.auth.now(),
    });
    await em.flush();
    await recordEvent(em, auditBy(context), { action: 'user.removed', target: { type: 'user', id: user.id } });
    return before;
  });
}

/** Gives a role to a user. One that the user has stays as it is. */
export function assignRole(context: RequestContext, userId: string, role: string): Promise<User> {
  return administer(context, async (administration) => {
    const { em, graph } = administration;
    const { user, roles } = await requireChangeable(administration, userId);
    requireMayHandOut(administration, [role]);
    if (roles.includes(role)) {
      return user;
    }
    requireCompatible(graph, [...roles, role]);
    await giveRoles(em, user.id, [role]);
    const target = { type: 'user', id: user.id } as const;
    await recordEvent(em, auditBy(context), { action: 'role.assigned', target, details: { role } });
    return user;
  });
}

/** Takes a role away from a user. One that the user has not is no error. */
export function revokeRole(context: RequestContext, userId: string, role: string): Promise<User> {
  return administer(context, async (administration) => {
    const { em } = administration;
    const { user, roles } = await requireChangeable(administration, userId);
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
  });
}

function isTaken(error: unknown, what: 'email' | 'username'): boolean {
  const constraint = what === 'email' ? 'users_email_key_unique' : 'users_username_unique';
  return error instanceof UniqueConstraintViolationException && error.message.includes(constraint);
}

function conflictOf(error: unknown): unknown {
  if (isTaken(error, 'username')) {
    return new Conflict('This user name is taken', { field: 'input.username' });
  }
  if (isTaken(error, 'email')) {
    return new Conflict('This e-mail address is taken', { field: 'input.email' });
  }
  return error;
}

function tellOwner({ auth }: RequestContext, email: string): void {
  const text =
    'Somebody tried to make a user with this address, which belongs to yours already. Nothing was changed.\n';
  void auth.mailer.send({ to: email, subject: 'Your address was used', text }).catch(() => undefined);
}
