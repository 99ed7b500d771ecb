import { createHash } from 'node:crypto';
import { v4 as randomUuid } from 'uuid';
import { recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { BadUserInput } from '../../lib/errors.ts';
import { requireDisplayName } from '../../lib/names.ts';
import type { ExternalPrincipal } from './claims.ts';
import type { Principal } from '../principal.ts';

type Identity = Pick<ExternalPrincipal<string, string>, 'issuer' | 'subject' | 'name'>;

/** The circumstances in which a user is created, for the audit trail. */
export interface FirstSignIn {
  readonly address: string;
  readonly now: Date;
  readonly credential: 'external token' | 'session cookie';
}

const LINKED = `
  select u.id, u.active, u.account_id as "accountId",
    array(select role from role_assignments where user_id = u.id order by 1) as assigned
  from external_identities e join users u on u.id = e.user_id where e.issuer = ? and e.subject = ?`;

/**
 * Returns the user who is linked to (issuer, subject), found by one statement, or created by the first sign-in. A
 * new one has no password and an address of the reserved domain "invalid" (RFC 2606): identity never depends on an
 * e-mail address that another issuer claims.
 */
export async function findOrCreateExternalUser(
  em: EntityManager,
  identity: Identity,
  from: FirstSignIn,
): Promise<Principal> {
  const found = await findExternalUser(em, identity);
  return found ?? createUser(em, identity, from);
}

/** Returns the user who is linked to (issuer, subject), or null. */
export async function findExternalUser(
  em: EntityManager,
  { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>,
): Promise<Principal | null> {
  const [row] = await em.execute<Principal[]>(LINKED, [issuer, subject]);
  return row ?? null;
}

async function createUser(
  em: EntityManager,
  identity: Identity,
  { address, now, credential }: FirstSignIn,
): Promise<Principal> {
  const { issuer, subject, name } = identity;
  // Of two first tokens at once, the second waits here, and finds the user that the first has created.
  const lock = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest()
    .readInt32BE();
  await em.execute('select pg_advisory_xact_lock(?)', [lock]);
  const created = await findExternalUser(em, identity);
  if (created !== null) {
    return created;
  }
  const id = randomUuid();
  // Random: a predictable name could be registered by another user, who would lock this one out.
  const username = `ext-${randomUuid()}`;
  const email = `${username}@users.invalid`;
  await em.execute(
    `insert into users (id, username, email, email_key, display_name, active, created_at, updated_at, version)
     values (?, ?, ?, ?, ?, true, ?, ?, 1)`,
    [id, username, email, email, displayNameOf(name) ?? username, now, now],
    'run',
  );
  await em.execute(
    'insert into external_identities (issuer, subject, user_id) values (?, ?, ?)',
    [issuer, subject, id],
    'run',
  );
  const event = { target: { type: 'user', id }, details: { credential } } as const;
  await recordEvent(em, { actorId: id, address, now }, { action: 'user.registered', ...event });
  return { id, active: true, accountId: null, assigned: [] };
}

function displayNameOf(name: string | null): string | null {
  try {
    return name === null ? null : requireDisplayName(name);
  } catch (error) {
    if (error instanceof BadUserInput) {
      return null; // The claim is only a first value of the user's profile.
    }
    throw error;
  }
}
