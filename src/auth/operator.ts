import { v4 as randomUuid } from 'uuid';
import { recordEvent } from '../database/events/record.ts';
import type { Run } from '../database/database.ts';
import { systemScope } from '../database/scopes.ts';
import { emailKeyOf, USERNAME } from '../lib/names.ts';
import type { CheckPassword } from './passwords/policy.ts';
import type { PasswordHasher } from './passwords/hashing.ts';
import type { EntityManager } from '../database/orm.ts';
import { removeSecondFactors } from './factors/second-factors.ts';
import { unlinkIdentities } from './oidc/identities.ts';
import { endSessions } from './sessions/sessions.ts';
import { placeOfLogin } from './passwords/login.ts';

export interface FirstAdmin {
  /** A user name, or an e-mail address. */
  readonly login: string;
  readonly password: string;
}

/** Thrown if the password of the first administrator is too weak, or the login belongs to another user. */
export class FirstAdminRefused extends Error {
  override readonly name = 'FirstAdminRefused';
}

/**
 * Creates the first SUPER_ADMIN, if there is none. Of several processes that try at once, one creates it.
 *
 * @returns true if it was created now
 * @throws {FirstAdminRefused} if the password is too weak, or the login belongs to another user
 */
export async function createFirstAdmin(
  run: Run,
  { hasher, checkPassword }: { readonly hasher: PasswordHasher; readonly checkPassword: CheckPassword },
  { login, password }: FirstAdmin,
  now: Date,
): Promise<boolean> {
  if (await run(systemScope, async (em) => hasSuperAdmin(await em.execute(SUPER_ADMIN)))) {
    return false;
  }
  const { username, email } = identityOf(login);
  const problems = await checkPassword(password, { username, email });
  if (problems.length > 0) {
    throw new FirstAdminRefused(problems.map(({ message }) => message).join(' '));
  }
  const passwordHash = await hasher.hash(password);
  return run(systemScope, async (em) => {
    // A second process waits here, and then finds the first one's SUPER_ADMIN.
    await em.execute('lock table role_assignments in share row exclusive mode');
    if (hasSuperAdmin(await em.execute(SUPER_ADMIN))) {
      return false;
    }
    const id = randomUuid();
    const [made] = await em.execute<unknown[]>(
      `insert into users (id, username, email, email_key, display_name, active, created_at, updated_at, version)
       values (?, ?, ?, ?, ?, true, ?, ?, 1) on conflict do nothing returning id`,
      [id, username, email, emailKeyOf(email), username, now, now],
    );
    if (made === undefined) {
      throw new FirstAdminRefused('A user with this name or address exists already: choose another login');
    }
    await em.execute(
      'insert into credentials (user_id, password_hash, updated_at, version) values (?, ?, ?, 1)',
      [id, passwordHash, now],
      'run',
    );
    await em.execute(`insert into role_assignments (user_id, role) values (?, 'SUPER_ADMIN')`, [id], 'run');
    const event = { target: { type: 'user', id }, details: { roles: ['SUPER_ADMIN'] } } as const;
    await recordEvent(em, { actorId: null, address: null, now }, { action: 'user.created', ...event });
    return true;
  });
}

const SUPER_ADMIN = `select 1 from role_assignments where role = 'SUPER_ADMIN' limit 1`;

function hasSuperAdmin(rows: readonly unknown[]): boolean {
  return rows.length > 0;
}

/** Returns user name and address. A user name alone gets an address of the reserved domain "invalid" (RFC 2606). */
function identityOf(login: string): { username: string; email: string } {
  const key = emailKeyOf(login);
  if (USERNAME.test(key)) {
    return { username: key, email: `${key}@users.invalid` };
  }
  const local =
    key
      .split('@', 1)[0]
      ?.replaceAll(/[^a-z0-9._-]/g, '-')
      .slice(0, 40) ?? '';
  return { username: USERNAME.test(local) ? local : 'admin', email: login };
}

/** The user of a reset by an operator is unknown or deactivated, or the password is too weak. */
export class ResetRefused extends Error {
  override readonly name = 'ResetRefused';
}

interface Owner {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly displayName: string;
  readonly active: boolean;
}

/**
 * Sets the password of a user as the operator of the server, removes second factors and the identities that were linked, and
 * ends the sessions: for administrators who cannot sign in any more, nor read mail. The password is then the only way to
 * sign in. Running servers notice within a second.
 *
 * @throws {ResetRefused} if the user is unknown or deactivated, or the password is too weak
 */
export async function resetByOperator(
  run: Run,
  { hasher, checkPassword }: { readonly hasher: PasswordHasher; readonly checkPassword: CheckPassword },
  { login, password }: { readonly login: string; readonly password: string },
  now: Date,
): Promise<void> {
  const owner = await run(systemScope, (em) => findOwner(em, login));
  const { username, email, displayName } = owner;
  const problems = await checkPassword(password, { username, email, displayName });
  if (problems.length > 0) {
    throw new ResetRefused(problems.map(({ message }) => message).join(' '));
  }
  const passwordHash = await hasher.hash(password);
  await run(systemScope, async (em) => {
    await em.execute(
      `insert into credentials as c (user_id, password_hash, updated_at, version) values (?, ?, ?, 1)
       on conflict (user_id) do update set password_hash = excluded.password_hash,
         updated_at = excluded.updated_at, version = c.version + 1`,
      [owner.id, passwordHash, now],
      'run',
    );
    await em.execute('delete from password_resets where user_id = ?', [owner.id], 'run');
    const factorRemoved = await removeSecondFactors(em, owner.id);
    const identitiesUnlinked = await unlinkIdentities(em, owner.id);
    const sessionsEnded = await endSessions(em, { userId: owner.id }, 'password reset', now);
    await em.execute('update access_version set version = version + 1', [], 'run');
    await recordEvent(
      em,
      { actorId: null, address: null, now },
      {
        action: 'password.reset',
        target: { type: 'user', id: owner.id },
        details: { by: 'operator', sessionsEnded, factorRemoved, identitiesUnlinked },
      },
    );
  });
}

async function findOwner(em: EntityManager, login: string): Promise<Owner> {
  const place = placeOfLogin(login);
  const [owner] =
    place === null
      ? []
      : await em.execute<Owner[]>(
          `select id, username, email, display_name as "displayName", active from users where ${place.column} = ?`,
          [place.key],
        );
  if (owner === undefined) {
    throw new ResetRefused('No user has this user name or e-mail address.');
  }
  if (!owner.active) {
    throw new ResetRefused('The user is deactivated: another administrator must activate them first.');
  }
  return owner;
}
