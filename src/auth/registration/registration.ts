import { v4 as randomUuid } from 'uuid';
import type { Role } from '../../generated/access.ts';
import { recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork } from '../../database/unit-of-work.ts';
import { BadUserInput, Conflict, Forbidden } from '../../lib/errors.ts';
import { emailKeyOf, requireDisplayName, requireUsername } from '../../lib/names.ts';
import type { Client } from '../../lib/viewer.ts';
import type { AuthDependencies, Background } from '../dependencies.ts';
import { hashed } from '../passwords/hashing.ts';
import type { WarnOwner, Notices } from './notices.ts';
import { issueEmailToken, requireEmailLength } from './own-email.ts';
import { networkOf } from '../../lib/network.ts';
import { reserveAttempt, throttleKey } from '../passwords/throttle.ts';

/** The role of users who register: they may read their own account, once an administrator assigns one. */
const ROLE_OF_NEWCOMERS = 'STANDARD' satisfies Role;
/** The number of users that may be registered from one address within an hour. */
const REGISTRATIONS = { failures: 20, windowSeconds: 3_600 };

export interface RegisterInput {
  readonly username: string;
  readonly email: string;
  readonly displayName: string;
  readonly password: string;
}

/**
 * Signs up a new user.
 *
 * A duplicate e-mail address is answered as success, and its owner gets a mail, so that the response does not reveal who
 * is registered. A duplicate user name is an error: names are public within the service.
 *
 * @throws {Forbidden} if registration is closed
 * @throws {BadUserInput} if the user name is malformed, or the password too weak
 * @throws {Conflict} if the user name is taken
 * @throws {RateLimited}
 */
export type Register = (unit: UnitOfWork, client: Client, input: RegisterInput) => Promise<void>;

export function createRegister(
  dependencies: AuthDependencies,
  background: Background,
  notices: Notices,
  warnOwner: WarnOwner,
  requireFirst: (operation: object) => void,
): Register {
  const { settings, checkPassword, hasher, mailer, now } = dependencies;

  return async (unit, client, { username, email, displayName, password }) => {
    if (!settings.openRegistration) {
      throw new Forbidden('Registration is closed: ask an administrator for an account');
    }
    requireFirst(unit);
    const person = { username: requireUsername(username), email, displayName: requireDisplayName(displayName) };
    requireEmailLength(email, 'input.email');
    const allowances = [{ key: throttleKey('register', networkOf(client.address)), limit: REGISTRATIONS }];
    await unit.as(authScope, (em) => reserveAttempt(em, allowances, now()));
    const problems = await checkPassword(password, person);
    if (problems.length > 0) {
      throw new BadUserInput(problems.map(({ message }) => message).join(' '), { field: 'input.password' });
    }
    // Hashed before any lookup, so that the time does not depend on the address being taken.
    const passwordHash = await hashed(() => hasher.hash(password));
    const outcome = await unit.as(authScope, (em) =>
      insertUser(em, {
        ...person,
        passwordHash,
        verified: !settings.requireVerifiedEmail,
        address: client.address,
        now: now(),
      }),
    );
    if (outcome === 'taken username') {
      throw new Conflict('This user name is taken', { field: 'input.username' });
    }
    if (outcome === 'taken email') {
      warnOwner(email, { actorId: null, address: client.address, now: now() });
      return;
    }
    if (outcome !== 'created') {
      notices.confirmAddress(email, outcome.token);
      return;
    }
    const mail = { to: email, subject: 'Your registration', text: WELCOME };
    background.start('registration mail', () => mailer.send(mail));
  };
}

const WELCOME = 'Welcome. You can sign in with your user name or this address, and the password you chose.\n';

interface NewUser extends Omit<RegisterInput, 'password'> {
  readonly passwordHash: string;
  /** False if the user has to confirm the address first. */
  readonly verified: boolean;
  readonly address: string;
  readonly now: Date;
}

type Outcome = 'created' | 'taken email' | 'taken username' | { readonly token: string };

async function insertUser(em: EntityManager, user: NewUser): Promise<Outcome> {
  const { username, email, displayName, passwordHash, verified, address, now } = user;
  const id = randomUuid();
  const [made] = await em.execute<unknown[]>(
    `insert into users (id, username, email, email_key, email_verified, display_name, active, created_at, updated_at, version)
     values (?, ?, ?, ?, ?, ?, true, ?, ?, 1) on conflict do nothing returning id`,
    [id, username, email, emailKeyOf(email), verified, displayName, now, now],
  );
  if (made === undefined) {
    const [sameName] = await em.execute<unknown[]>('select 1 from users where username = ?', [username]);
    return sameName === undefined ? 'taken email' : 'taken username';
  }
  await em.execute(
    'insert into credentials (user_id, password_hash, updated_at, version) values (?, ?, ?, 1)',
    [id, passwordHash, now],
    'run',
  );
  await em.execute('insert into role_assignments (user_id, role) values (?, ?)', [id, ROLE_OF_NEWCOMERS], 'run');
  const event = { target: { type: 'user', id }, details: { roles: [ROLE_OF_NEWCOMERS] } } as const;
  await recordEvent(em, { actorId: null, address, now }, { action: 'user.registered', ...event });
  return verified ? 'created' : { token: await issueEmailToken(em, id, email, now) };
}
