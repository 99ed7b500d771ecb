import { recordEvent } from '../../database/events/record.ts';
import type { Client } from '../../lib/viewer.ts';
import { SecondFactorRequired } from '../../lib/errors.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { type AsAuth, type FailedLogin, recordFailedLogin } from '../passwords/login.ts';
import type { Principal } from '../principal.ts';
import type { Notices } from '../registration/notices.ts';
import type { SignIns } from '../sessions/sign-in.ts';
import type { BegunSignIn } from './begun-sign-ins.ts';
import { linkIdentity, lockOwner, type Own } from './identities.ts';
import type { IssuerClient, VerifiedIdentity } from './issuer-client.ts';
import { Failure } from './outcome.ts';
import { findExternalUser, findOrCreateExternalUser } from './users.ts';

/** The seconds by which an issuer's clock may be behind ours. */
const CLOCK_SKEW = 5;

/**
 * Completes a sign-in at an issuer by its purpose: opens a session, links an identity, or renews the sign-in. Returns the
 * error that asks for a second factor, or null if none is needed.
 *
 * @throws {Failure} if that is not possible
 * @throws {Forbidden} {@link Conflict} if the roles cannot be activated
 */
export type Complete = (
  client: Client,
  begun: BegunSignIn,
  issuer: IssuerClient,
  identity: VerifiedIdentity,
) => Promise<SecondFactorRequired | null>;

/** Creates the completion of sign-ins at issuers. */
export function createCompletion(
  { version, lifetime, now }: Pick<AuthDependencies, 'version' | 'lifetime' | 'now'>,
  run: AsAuth,
  signIns: Pick<SignIns, 'activationFor' | 'openIssued' | 'announce'>,
  notices: Notices,
): Complete {
  async function complete(
    client: Client,
    begun: BegunSignIn,
    issuer: IssuerClient,
    identity: VerifiedIdentity,
  ): Promise<SecondFactorRequired | null> {
    const { purpose, userId, sessionId } = begun;
    if (purpose === 'sign in') {
      return openSession(client, begun, issuer, identity);
    }
    const own = { id: userId ?? '', sessionId: sessionId ?? '' };
    await (purpose === 'link' ? link(client, own, issuer, identity) : renew(client, own, begun, issuer, identity));
    return null;
  }

  async function openSession(
    client: Client,
    { roles }: BegunSignIn,
    { id: issuer, createUsers }: IssuerClient,
    identity: VerifiedIdentity,
  ): Promise<SecondFactorRequired | null> {
    const first = { address: client.address, now: now(), credential: 'session cookie' } as const;
    const principal = await run((em) =>
      createUsers ? findOrCreateExternalUser(em, identity, first) : findExternalUser(em, identity),
    );
    if (principal === null || !principal.active) {
      return fail(client, principal, principal === null ? 'unknown identity' : 'disabled user');
    }
    const activation = await signIns.activationFor(principal.assigned, roles);
    const opened = await run(async (em) => {
      // Locked before the identity is read again, so that a concurrent unlinking waits, and then ends the session.
      await em.execute('select 1 from users where id = ? for share', [principal.id]);
      const still = await findExternalUser(em, identity);
      const { secondFactor, authenticatedAt } = identity;
      return still?.id !== principal.id
        ? null
        : signIns.openIssued(em, client, principal.id, {
            activation,
            secondFactor,
            authenticatedAt: earlier(authenticatedAt, now()),
            issuer,
          });
    });
    if (opened instanceof SecondFactorRequired) {
      return opened;
    }
    if (opened === null) {
      return fail(client, principal, 'changed meanwhile');
    }
    signIns.announce(client, principal.id, opened);
    return null;
  }

  async function fail(client: Client, user: Principal | null, reason: FailedLogin['reason']): Promise<never> {
    await run((em) => recordFailedLogin(em, client, now(), { userId: user?.id ?? null, reason }));
    throw new Failure('NO_USER');
  }

  async function link(
    client: Client,
    own: Own,
    { id: issuer }: IssuerClient,
    identity: VerifiedIdentity,
  ): Promise<void> {
    const [outcome, email] = await version.change<readonly [string, string]>(run, async (em) => {
      const address = await lockOwner(em, own, { now: now(), lifetime });
      const linked = await linkIdentity(em, identity, own.id, now());
      if (linked === 'of another user') {
        throw new Failure('TAKEN');
      }
      if (linked === 'linked') {
        const by = { actorId: own.id, address: client.address, now: now() };
        const target = { type: 'user', id: own.id } as const;
        await recordEvent(em, by, { action: 'identity.linked', target, details: { issuer } });
      }
      return [linked, address] as const;
    });
    if (outcome === 'linked') {
      notices.identityChanged(email, 'identity.linked');
    }
  }

  /** Renews the sign-in of a session. The issuer must say that its user has signed in since it was begun. */
  async function renew(
    client: Client,
    own: Own,
    { secondFactor, startedAt }: BegunSignIn,
    { id: issuer }: IssuerClient,
    identity: VerifiedIdentity,
  ): Promise<void> {
    const at = earlier(identity.authenticatedAt, now());
    if (at === null || at.getTime() < startedAt.getTime() - CLOCK_SKEW * 1_000) {
      throw new Failure('NOT_RECENT');
    }
    await version.change(run, async (em) => {
      await lockOwner(em, own, { now: now(), lifetime });
      if ((await findExternalUser(em, identity))?.id !== own.id) {
        throw new Failure('NO_USER');
      }
      const isShown = secondFactor || identity.secondFactor;
      await em.execute(
        `update sessions set authenticated_at = ?, second_factor_at = coalesce(?, second_factor_at) where id = ?`,
        [at, isShown ? now() : null, own.sessionId],
        'run',
      );
      const by = { actorId: own.id, address: client.address, now: now() };
      const target = { type: 'session', id: own.sessionId } as const;
      await recordEvent(em, by, { action: 'session.reauthenticated', target, details: { issuer } });
    });
  }

  return complete;
}

/** Returns the earlier of both times: an issuer's clock may be ahead. */
function earlier(time: Date | null, now: Date): Date | null {
  return time === null || time < now ? time : now;
}
