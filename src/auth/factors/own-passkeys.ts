import { recordEvent } from '../../database/events/record.ts';
import type { UnitOfWork } from '../../database/unit-of-work.ts';
import type { Client, SignedInViewer } from '../../lib/viewer.ts';
import { BadUserInput, NotFound, Unauthenticated } from '../../lib/errors.ts';
import { requireName } from '../../lib/names.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { requireWayToSignIn } from '../oidc/identities.ts';
import { endSessions } from '../sessions/sessions.ts';
import { asAuthOf, type ChangeFactor, requireSessionId } from './own-factors.ts';
import { requireRelyingParty } from './factor-check.ts';
import {
  creationOptions,
  deletePasskey,
  insertPasskey,
  listPasskeys,
  type Passkey,
  renamePasskey,
  requestOptions,
  useChallenge,
} from './passkeys.ts';
import { hasSecondFactor, renewRecoveryCodes, settleRemoval } from './second-factors.ts';
import { handleOf, readAttestation } from './webauthn.ts';

const MOST_PASSKEYS = 20;
const LONGEST_NAME = 100;

/** A new passkey. */
export interface AddedPasskey {
  readonly passkey: Passkey;
  /** Recovery codes, if it is the first second factor of the user; null: the user has some. */
  readonly codes: string[] | null;
}

/** The operations of users on their own passkeys. They need a session. */
export interface OwnPasskeys {
  /** Returns the options with which a browser makes a passkey. @throws {BadUserInput} if there are too many */
  readonly begin: (unit: UnitOfWork, viewer: SignedInViewer) => Promise<object>;
  /**
   * Stores the passkey that a browser has made, and ends the user's other sessions.
   *
   * @throws {Unauthenticated} if the response is not valid, or is of another session
   */
  readonly add: (
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    input: { readonly name: string; readonly response: unknown },
  ) => Promise<AddedPasskey>;
  /** Renames a passkey. @throws {NotFound} */
  readonly rename: (
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    input: { readonly id: string; readonly name: string },
  ) => Promise<Passkey>;
  /** Deletes a passkey, and ends the user's other sessions. @throws {NotFound} {@link Conflict} for the last credential */
  readonly delete: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, id: string) => Promise<Passkey>;
  /** Returns the options with which a browser asks for a passkey of the user, to confirm a change. */
  readonly confirmation: (unit: UnitOfWork, viewer: SignedInViewer) => Promise<object>;
}

/** Creates the error for a response, or its challenge, that is not valid. Both get the same error. */
export function badPasskey(): Unauthenticated {
  return new Unauthenticated('The passkey is not valid, or its challenge has expired: start again');
}

function noSuchPasskey(): NotFound {
  return new NotFound('There is no such passkey');
}

function requirePasskeyName(name: string): string {
  return requireName(name, { what: 'The name of a passkey', field: 'name', longest: LONGEST_NAME });
}

/** Creates the operations of users on their own passkeys. */
export function createOwnPasskeys(
  { settings, signInIssuers, now }: Pick<AuthDependencies, 'settings' | 'signInIssuers' | 'now'>,
  change: ChangeFactor,
): OwnPasskeys {
  return {
    async begin(unit, viewer) {
      const rp = requireRelyingParty(settings);
      const sessionId = requireSessionId(viewer);
      return asAuthOf(unit)(async (em) => {
        const [user] = await em.execute<{ username: string; displayName: string }[]>(
          'select username, display_name as "displayName" from users where id = ?',
          [viewer.id],
        );
        requireRoom((await listPasskeys(em, viewer.id)).length);
        const { username = '', displayName = '' } = user ?? {};
        const named = { id: viewer.id, handle: handleOf(viewer.id), username, displayName };
        return creationOptions(em, rp, `add ${sessionId}`, named, now());
      });
    },
    async add(unit, client, viewer, { name: text, response }) {
      const attestation = readAttestation(requireRelyingParty(settings), response);
      const sessionId = requireSessionId(viewer);
      const name = requirePasskeyName(text);
      const isExpected = await asAuthOf(unit)((em) =>
        useChallenge(em, attestation.challenge, `add ${sessionId}`, now()),
      );
      const credential = await attestation.verify();
      if (!isExpected || credential === null) {
        throw badPasskey();
      }
      return change(unit, client, viewer, 'factor.passkeyAdded', async (em) => {
        const isFirst = !(await hasSecondFactor(em, viewer.id));
        requireRoom((await listPasskeys(em, viewer.id)).length);
        const passkey = await insertPasskey(em, viewer.id, name, credential, now());
        if (passkey === null) {
          throw badPasskey();
        }
        await em.execute('update sessions set second_factor_at = ? where id = ?', [now(), sessionId], 'run');
        await endSessions(em, { userId: viewer.id, except: sessionId }, 'second factor changed', now());
        return { passkey, codes: isFirst ? await renewRecoveryCodes(em, viewer.id) : null };
      });
    },
    async rename(unit, { address }, viewer, { id, name: text }) {
      requireSessionId(viewer);
      const name = requirePasskeyName(text);
      return asAuthOf(unit)(async (em) => {
        const passkey = await renamePasskey(em, viewer.id, id, name);
        if (passkey === null) {
          throw noSuchPasskey();
        }
        const by = { actorId: viewer.id, address, now: now() };
        await recordEvent(em, by, { action: 'factor.passkeyRenamed', target: { type: 'user', id: viewer.id } });
        return passkey;
      });
    },
    async delete(unit, client, viewer, id) {
      const sessionId = requireSessionId(viewer);
      return change(unit, client, viewer, 'factor.passkeyDeleted', async (em) => {
        const passkey = await deletePasskey(em, viewer.id, id);
        if (passkey === null) {
          throw noSuchPasskey();
        }
        await requireWayToSignIn(em, viewer.id, signInIssuers);
        await settleRemoval(em, viewer.id);
        await endSessions(em, { userId: viewer.id, except: sessionId }, 'second factor changed', now());
        return passkey;
      });
    },
    async confirmation(unit, viewer) {
      const rp = requireRelyingParty(settings);
      const sessionId = requireSessionId(viewer);
      return asAuthOf(unit)((em) => requestOptions(em, rp, `confirm ${sessionId}`, viewer.id, now()));
    },
  };
}

function requireRoom(passkeys: number): void {
  if (passkeys >= MOST_PASSKEYS) {
    throw new BadUserInput(`A user has at most ${MOST_PASSKEYS} passkeys: delete one first`);
  }
}
