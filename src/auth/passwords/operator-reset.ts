import type { Run } from '../../database/database.ts';
import type { EntityManager } from '../../database/orm.ts';
import { recordEvent } from '../../database/events/record.ts';
import { systemScope } from '../../database/scopes.ts';
import { removeSecondFactors } from '../factors/second-factors.ts';
import { unlinkIdentities } from '../oidc/identities.ts';
import { endSessions } from '../sessions/sessions.ts';
import type { CheckPassword } from './policy.ts';
import type { PasswordHasher } from './hashing.ts';
import { placeOfLogin } from './login.ts';

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
    throw new ResetRefused('The user is deactivated: another administrator has to activate it first.');
  }
  return owner;
}
