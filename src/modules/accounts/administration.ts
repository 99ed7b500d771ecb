import { ForeignKeyConstraintViolationException, LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { v4 as randomUuid, validate as isUuid } from 'uuid';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import {
  type Account,
  AccountEntity,
  type AccountStatus,
  type User,
  UserEntity,
} from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { lockRow, updateRow } from '../../database/rows.ts';
import { authScope } from '../../database/scopes.ts';
import { foldName, requireName, requireText } from '../../lib/names.ts';
import { Conflict, NotFound, requireVersion } from '../../lib/errors.ts';
import { administer, assignedRoles, requireMayChange } from '../roles/administer.ts';

export interface CreateAccountInput {
  readonly name: string;
  readonly billingEmail: string;
  readonly iban?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly status?: AccountStatus | null | undefined;
}

export interface UpdateMyAccountInput {
  readonly name?: string | null | undefined;
  readonly billingEmail?: string | null | undefined;
  /** Null removes it. */
  readonly iban?: string | null | undefined;
  /** Null removes it. */
  readonly description?: string | null | undefined;
  /** Null removes it. */
  readonly phone?: string | null | undefined;
  readonly version?: number | null | undefined;
}

export interface UpdateAccountInput extends UpdateMyAccountInput {
  readonly status?: AccountStatus | null | undefined;
}

const LONGEST_DESCRIPTION = 2_000;

function accountName(text: string): Pick<Account, 'name' | 'nameKey'> {
  const name = requireName(text, { what: 'The name of an account', field: 'input.name' });
  return { name, nameKey: foldName(name) };
}

/** @throws {BadUserInput} as {@link requireText} */
function requireDescription(text: string | null): string | null {
  const rule = { what: 'A description', field: 'input.description', longest: LONGEST_DESCRIPTION };
  return text === null ? null : requireText(text, rule);
}

/** Returns the error that clients get if another account has the name, and any other error as it is. */
function conflictOf(error: unknown): unknown {
  const isTaken =
    error instanceof UniqueConstraintViolationException && error.message.includes('accounts_name_key_unique');
  return isTaken ? new Conflict('Another account has this name', { field: 'input.name' }) : error;
}

function noSuchAccount(): NotFound {
  return new NotFound('There is no such account');
}

async function requireLocked(em: EntityManager, id: string): Promise<Account> {
  const account = isUuid(id) ? await lockRow(em, AccountEntity, 'id', id) : null;
  if (account === null) {
    throw noSuchAccount();
  }
  return account;
}

/**
 * Creates an account.
 *
 * @throws {Conflict} if another account has the name
 */
export async function createAccount(context: RequestContext, input: CreateAccountInput): Promise<Account> {
  const now = context.now();
  const names = accountName(input.name);
  const description = requireDescription(input.description ?? null);
  const work = context.unit.write(async (em) => {
    const account = em.create(AccountEntity, {
      ...names,
      id: randomUuid(),
      description,
      phone: input.phone ?? null,
      status: input.status ?? 'ACTIVE',
      billingEmail: input.billingEmail,
      iban: input.iban ?? null,
      createdAt: now,
      updatedAt: now,
      version: 1,
    });
    await em.flush();
    await recordEvent(em, auditBy(context), { action: 'account.created', target: { type: 'account', id: account.id } });
    return account;
  });
  return work.catch((error: unknown) => {
    throw conflictOf(error);
  });
}

/**
 * Changes an account. Fields that are left out stay unchanged.
 *
 * @throws {NotFound} if there is none that the viewer may change
 * @throws {Conflict} if a newer version is stored, or another account has the name
 */
export async function updateAccount(context: RequestContext, id: string, input: UpdateAccountInput): Promise<Account> {
  const changes = {
    ...(input.name ? accountName(input.name) : {}),
    ...(input.billingEmail ? { billingEmail: input.billingEmail } : {}),
    ...(input.iban === undefined ? {} : { iban: input.iban }),
    ...(input.description === undefined ? {} : { description: requireDescription(input.description) }),
    ...(input.phone === undefined ? {} : { phone: input.phone }),
    ...(input.status ? { status: input.status } : {}),
  };
  const work = context.unit.write(async (em) => {
    const account = await requireLocked(em, id);
    requireVersion(account, input.version);
    if (Object.keys(changes).length === 0) {
      return account;
    }
    const changed = await updateRow(em, AccountEntity, 'id', account, { ...changes, updatedAt: context.now() });
    await recordEvent(em, auditBy(context), {
      action: 'account.updated',
      target: { type: 'account', id },
      details: { fields: Object.keys(changes).filter((field) => field !== 'nameKey') },
    });
    return changed;
  });
  return work.catch((error: unknown) => {
    throw conflictOf(error);
  });
}

/** Changes the viewer's own account: all but its status. */
export function updateMyAccount(context: RequestContext, input: UpdateMyAccountInput): Promise<Account> {
  const { accountId } = requireSignedIn(context.viewer);
  if (accountId === null) {
    throw noSuchAccount();
  }
  const { name, billingEmail, iban, description, phone, version } = input;
  return updateAccount(context, accountId, { name, billingEmail, iban, description, phone, version });
}

/**
 * Deletes an account that no user belongs to. Returns it as it was.
 *
 * @throws {Conflict} while users belong to it; names their number
 */
export async function deleteAccount(context: RequestContext, id: string): Promise<Account> {
  // An administrator of accounts may not see users, so only their number is read.
  const users = isUuid(id) ? await context.unit.as(authScope, (em) => em.count(UserEntity, { account: id })) : 0;
  const work = context.unit.write(async (em) => {
    const account = await requireLocked(em, id);
    if (users > 0) {
      throw new Conflict(`${users} user${users === 1 ? ' belongs' : 's belong'} to the account: move them first`);
    }
    await em.nativeDelete(AccountEntity, { id });
    await recordEvent(em, auditBy(context), { action: 'account.deleted', target: { type: 'account', id } });
    return account;
  });
  return work.catch((error: unknown) => {
    // A user joined in between: the foreign key refuses the deletion.
    throw error instanceof ForeignKeyConstraintViolationException
      ? new Conflict('Users belong to the account: move them first')
      : error;
  });
}

async function requireUser(em: EntityManager, id: string): Promise<User> {
  const user = isUuid(id) ? await em.findOne(UserEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE }) : null;
  if (user === null) {
    throw new NotFound('There is no such user');
  }
  return user;
}

/**
 * Adds a user, who belongs to no account, to one.
 *
 * @throws {Conflict} if the user belongs to another account
 */
export function addUserToAccount(context: RequestContext, userId: string, accountId: string): Promise<User> {
  return administer(context, async (administration) => {
    const { em } = administration;
    const user = await requireUser(em, userId);
    requireMayChange(administration, { id: user.id, roles: await assignedRoles(em, user.id) });
    await requireLocked(em, accountId);
    if (user.account === accountId) {
      return user;
    }
    if (user.account) {
      throw new Conflict('The user belongs to another account: remove them from it first');
    }
    return move(context, em, user, accountId);
  });
}

/**
 * Moves a user to an account, from the one that they belong to, if any.
 *
 * @throws {NotFound} if there is no such user or account
 */
export function moveUser(context: RequestContext, userId: string, accountId: string): Promise<User> {
  return administer(context, async (administration) => {
    const { em } = administration;
    const user = await requireUser(em, userId);
    requireMayChange(administration, { id: user.id, roles: await assignedRoles(em, user.id) });
    await requireLocked(em, accountId);
    const from = user.account ?? null;
    if (from === accountId) {
      return user;
    }
    if (from !== null) {
      await recordMove(context, em, 'account.userRemoved', from, user);
    }
    return move(context, em, user, accountId);
  });
}

/**
 * Removes a user from their account.
 *
 * @throws {NotFound} if the user does not belong to it
 */
export function removeUserFromAccount(context: RequestContext, userId: string, accountId: string): Promise<User> {
  return administer(context, async (administration) => {
    const { em } = administration;
    const user = await requireUser(em, userId);
    requireMayChange(administration, { id: user.id, roles: await assignedRoles(em, user.id) });
    if (user.account !== accountId) {
      throw new NotFound('The user does not belong to this account');
    }
    return move(context, em, user, null);
  });
}

async function move(context: RequestContext, em: EntityManager, user: User, to: string | null): Promise<User> {
  const account = to ?? user.account ?? '';
  em.assign(user, { account: to, updatedAt: context.now() });
  await em.flush();
  await recordMove(context, em, to === null ? 'account.userRemoved' : 'account.userAdded', account, user);
  return user;
}

function recordMove(
  context: RequestContext,
  em: EntityManager,
  action: 'account.userRemoved' | 'account.userAdded',
  accountId: string,
  { id }: User,
): Promise<void> {
  return recordEvent(em, auditBy(context), {
    action,
    target: { type: 'account', id: accountId },
    details: { user: id },
  });
}
