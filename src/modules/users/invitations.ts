import { v4 as randomUuid } from 'uuid';
import { hashed } from '../../auth/passwords/hashing.ts';
import { getPrincipal, viewerOf } from '../../auth/principal.ts';
import { badInvitation, type Invitation } from '../../auth/registration/invitations.ts';
import { requireEmailLength } from '../../auth/registration/own-email.ts';
import { loadRoleGraph } from '../../auth/role-graph.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import { CredentialEntity, type Tables, UserEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import { BadUserInput } from '../../lib/errors.ts';
import { holds } from '../../lib/viewer.ts';
import { emailKeyOf, requireDisplayName, requireUsername } from '../../lib/names.ts';
import {
  administer,
  type Administration,
  giveRoles,
  requireCompatible,
  requireMayHandOut,
} from '../roles/administer.ts';
import { mayHandOut } from '../roles/rules.ts';
import { conflictOf, isTaken } from './changeable.ts';
import { requireOwnOrExisting } from './create.ts';

export interface InviteUserInput {
  readonly email: string;
  readonly roles?: readonly string[] | null | undefined;
  /** For an administrator of one account it must be their own account, which is also the default. */
  readonly accountId?: string | null | undefined;
}

export interface AcceptInvitationInput {
  readonly token: string;
  readonly username: string;
  readonly displayName: string;
  readonly password: string;
}

/**
 * Invites the owner of an e-mail address to become a user, by the rules of {@link createUser}. The answer is the same if
 * a user has the address; that user gets a mail.
 *
 * @throws {BadUserInput} {@link Forbidden} {@link NotFound} {@link Conflict} by the rules in `modules/roles/rules.ts`
 */
export async function inviteUser(context: RequestContext, input: InviteUserInput): Promise<true> {
  const viewer = requireSignedIn(context.viewer);
  requireEmailLength(input.email, 'email');
  const roles = [...new Set(input.roles ?? [])];
  const accountId = holds(viewer, 'users:write') ? (input.accountId ?? null) : viewer.accountId;
  const work = async (administration: Administration): Promise<void> => {
    await requireOwnOrExisting(administration, input.accountId ?? null);
    requireMayHandOut(administration, roles);
    requireCompatible(administration.graph, roles);
    await recordEvent(administration.em, auditBy(context), {
      action: 'user.invited',
      target: accountId === null ? null : { type: 'account', id: accountId },
      details: { roles },
    });
  };
  await administer(context, work, { stepUp: true });
  const invitation = { email: input.email, roles, accountId, invitedBy: viewer.id };
  await context.auth.invitations.issue(context.unit, invitation, auditBy(context));
  return true;
}

/**
 * Makes the reader of an invitation a user. The rules of administration are checked again, with what the inviter holds now.
 *
 * @throws {Unauthenticated} if the token is not valid
 * @throws {BadUserInput} if the user name is malformed, or the password too weak; the token stays valid
 * @throws {Conflict} if the user name is taken; the token stays valid
 * @throws {RateLimited} for the second password of an operation
 */
export async function acceptInvitation(context: RequestContext, input: AcceptInvitationInput): Promise<true> {
  const { auth, unit } = context;
  const invitation = await unit.as(authScope, (em) => auth.invitations.find(em, input.token));
  if (invitation === null) {
    throw badInvitation();
  }
  const person = {
    username: requireUsername(input.username),
    email: invitation.email,
    displayName: requireDisplayName(input.displayName),
  };
  auth.requireFirstPassword(unit);
  const problems = await auth.checkPassword(input.password, person);
  if (problems.length > 0) {
    throw new BadUserInput(problems.map(({ message }) => message).join(' '), { field: 'input.password' });
  }
  const passwordHash = await hashed(() => auth.hasher.hash(input.password));
  const work = auth.version.change(
    (change) => unit.as(authScope, change),
    async (em) => {
      await requireStillAllowed(em, invitation);
      await auth.invitations.consume(em, input.token, invitation);
      await insertInvited(context, em, invitation, { ...person, passwordHash });
    },
  );
  await work.catch((error: unknown) => {
    // Another user has taken the address since: the invitation is no longer valid.
    throw isTaken(error, 'email') ? badInvitation() : conflictOf(error);
  });
  return true;
}

/** @throws {Unauthenticated} if the inviter could not invite a user with these roles to this account now */
async function requireStillAllowed(em: EntityManager, { invitedBy, roles, accountId }: Invitation): Promise<void> {
  // Changes of roles run one after another: see `administer`.
  await em.getKysely<Tables>().selectFrom('access_version').select('version').forUpdate().execute();
  const graph = await loadRoleGraph(em);
  const principal = await getPrincipal(em, invitedBy);
  if (principal === null || !principal.active || !roles.every(graph.has)) {
    throw badInvitation();
  }
  const actor = viewerOf(principal, graph, { credential: 'access token', activation: 'all' });
  const isInReach = holds(actor, 'users:write') || (actor.roles.has('ACCOUNT_ADMIN') && actor.accountId === accountId);
  const mayGive = (role: string): boolean => mayHandOut(actor, graph, graph.powerOf([role]), 'users:roles');
  if (!isInReach || !roles.every(mayGive) || graph.clashOf(roles, 'STATIC') !== null) {
    throw badInvitation();
  }
}

async function insertInvited(
  context: RequestContext,
  em: EntityManager,
  { email, roles, accountId, invitedBy }: Invitation,
  user: { readonly username: string; readonly displayName: string; readonly passwordHash: string },
): Promise<void> {
  const id = randomUuid();
  const now = context.now();
  em.create(UserEntity, {
    id,
    username: user.username,
    email,
    emailKey: emailKeyOf(email),
    emailVerified: true,
    displayName: user.displayName,
    active: true,
    account: accountId,
    createdAt: now,
    updatedAt: now,
    version: 1,
  });
  await em.flush();
  await em.insert(CredentialEntity, { user: id, passwordHash: user.passwordHash, updatedAt: now, version: 1 });
  await giveRoles(em, id, roles);
  const by = { actorId: id, address: context.client.address, now };
  await recordEvent(em, by, {
    action: 'user.created',
    target: { type: 'user', id },
    details: { roles, account: accountId, by: invitedBy },
  });
}
