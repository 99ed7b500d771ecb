import { recordEvent } from '../../database/events/record.ts';
import type { UnitOfWork } from '../../database/unit-of-work.ts';
import type { Client } from '../../lib/client.ts';
import { NotFound } from '../../lib/errors.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { asAuthOf, requireSession } from '../factors/own-factors.ts';
import type { Notices } from '../registration/notices.ts';
import { endSessions } from '../sessions/sessions.ts';
import { canSignIn, getIdentities, type Identity, lastCredential, lockOwner, unlinkIdentity } from './identities.ts';

/** The operations of users on their own identities at external issuers. */
export interface OwnIdentities {
  readonly list: (unit: UnitOfWork, viewer: SignedInViewer) => Promise<Identity[]>;
  /**
   * Removes an identity of the viewer and ends their other sessions.
   *
   * @throws {NotFound}
   * @throws {Conflict} if it is the last credential
   */
  readonly unlink: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, id: string) => Promise<void>;
}

/** Creates the operations of users on their own identities. */
export function createOwnIdentities(
  {
    version,
    lifetime,
    signInIssuers: issuers,
    now,
  }: Pick<AuthDependencies, 'version' | 'lifetime' | 'signInIssuers' | 'now'>,
  notices: Notices,
): OwnIdentities {
  return {
    list: (unit, { id }) => asAuthOf(unit)((em) => getIdentities(em, id)),
    async unlink(unit, client, viewer, id) {
      const sessionId = requireSession(viewer);
      const email = await version.change<string>(asAuthOf(unit), async (em) => {
        const address = await lockOwner(em, { id: viewer.id, sessionId }, { now: now(), lifetime });
        const identity = (await getIdentities(em, viewer.id)).find((own) => own.id === id);
        if (identity === undefined) {
          throw new NotFound('You have no such identity');
        }
        await unlinkIdentity(em, identity);
        if (
          !(await canSignIn(
            em,
            viewer.id,
            issuers.map(({ issuer }) => issuer),
          ))
        ) {
          throw lastCredential();
        }
        await em.execute('delete from login_challenges where user_id = ?', [viewer.id], 'run');
        const ending = { userId: viewer.id, except: sessionId };
        const sessions = await endSessions(em, ending, 'identity unlinked', now());
        const by = { actorId: viewer.id, address: client.address, now: now() };
        const issuer = issuers.find((known) => known.issuer === identity.issuer)?.id ?? null;
        const target = { type: 'user', id: viewer.id } as const;
        await recordEvent(em, by, { action: 'identity.unlinked', target, details: { issuer, sessions } });
        return address;
      });
      notices.identityChanged(email, 'identity.unlinked');
    },
  };
}
