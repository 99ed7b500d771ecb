import { recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork, Work } from '../../database/unit-of-work.ts';
import type { Client, SignedInViewer } from '../../lib/viewer.ts';
import { Conflict, Forbidden, NotFound, Unauthenticated } from '../../lib/errors.ts';
import type { AuthDependencies } from '../dependencies.ts';
import type { FactorChange, Notices } from '../registration/notices.ts';
import { endSessions } from '../sessions/sessions.ts';
import { type CheckFactor, type SentFactor, wrongFactor } from './factor-check.ts';
import { listPasskeys, type Passkey } from './passkeys.ts';
import {
  hasSecondFactor,
  removeTotp,
  renewRecoveryCodes,
  createTotp,
  stepOfCode,
  type TotpEnrolment,
} from './second-factors.ts';

/** The state of a user's second factors. */
export interface SecondFactorState {
  /** The time at which codes by time were set up; null: they are not. */
  readonly enabledAt: Date | null;
  readonly recoveryCodesLeft: number;
  readonly passkeys: Passkey[];
}

/** The operations of users on their own second factor. All but the first need a session. */
export interface OwnFactors {
  readonly state: (unit: UnitOfWork, viewer: SignedInViewer) => Promise<SecondFactorState>;
  /** Creates a secret, which is in effect once {@link OwnFactors.confirm} has accepted one of its codes. @throws {Conflict} */
  readonly begin: (unit: UnitOfWork, viewer: SignedInViewer) => Promise<TotpEnrolment>;
  /** Enables the second factor, and ends the user's other sessions. Returns recovery codes. @throws {Unauthenticated} */
  readonly confirm: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, code: string) => Promise<string[]>;
  /** Removes the codes by time. @throws {Unauthenticated} {@link RateLimited} */
  readonly disable: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, sent: SentFactor) => Promise<void>;
  /** Replaces the recovery codes. @throws {Unauthenticated} {@link RateLimited} */
  readonly renew: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, sent: SentFactor) => Promise<string[]>;
}

/** Returns the function that runs database work in the scope of authentication. */
export const asAuthOf =
  (unit: UnitOfWork) =>
  <T>(work: Work<T>): Promise<T> =>
    unit.as(authScope, work);

/**
 * Runs a change of a user's second factors in one transaction that records it and raises the access version, and notifies
 * the user by mail. Changes of one user run one after another.
 */
export type ChangeFactor = <T>(
  unit: UnitOfWork,
  client: Client,
  viewer: SignedInViewer,
  action: FactorChange,
  work: (em: EntityManager) => Promise<T>,
) => Promise<T>;

/** Creates the changes of second factors. */
export function createChangeFactor(
  { version, now }: Pick<AuthDependencies, 'version' | 'now'>,
  notices: Notices,
): ChangeFactor {
  return async <T>(
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    action: FactorChange,
    work: (em: EntityManager) => Promise<T>,
  ) => {
    const [result, email] = await version.change<readonly [T, string]>(asAuthOf(unit), async (em) => {
      const [owner] = await em.execute<{ email: string }[]>('select email from users where id = ? for update', [
        viewer.id,
      ]);
      const changed = await work(em);
      const by = { actorId: viewer.id, address: client.address, now: now() };
      await recordEvent(em, by, { action, target: { type: 'user', id: viewer.id } });
      return [changed, owner?.email ?? ''] as const;
    });
    notices.secondFactorChanged(email, action);
    return result;
  };
}

/** Creates the operations of users on their own second factor. */
export function createOwnFactors(
  { settings, now }: Pick<AuthDependencies, 'settings' | 'now'>,
  checkFactor: CheckFactor,
  change: ChangeFactor,
): OwnFactors {
  return {
    state: (unit, { id }) => asAuthOf(unit)((em) => stateOf(em, id)),
    async begin(unit, viewer) {
      requireSessionId(viewer);
      return asAuthOf(unit)(async (em) => {
        const [owner] = await em.execute<{ username: string }[]>('select username from users where id = ?', [
          viewer.id,
        ]);
        const issuer = settings.publicUrl === null ? 'Rolegate' : new URL(settings.publicUrl).host;
        const totp = createTotp(issuer, owner?.username ?? '');
        const begun = await em.execute<unknown[]>(
          `insert into totp_secrets as t (user_id, secret, created_at) values (?, ?, ?)
           on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at
             where t.confirmed_at is null returning user_id`,
          [viewer.id, totp.secret, now()],
        );
        if (begun.length === 0) {
          throw new Conflict('An authenticator app is already set up: disable it first');
        }
        return totp;
      });
    },
    async confirm(unit, client, viewer, code) {
      const sessionId = requireSessionId(viewer);
      return change(unit, client, viewer, 'factor.enabled', async (em) => {
        await confirmSecret(em, viewer.id, code, now());
        await em.execute('update sessions set second_factor_at = ? where id = ?', [now(), sessionId], 'run');
        await endSessions(em, { userId: viewer.id, except: sessionId }, 'second factor changed', now());
        return renewRecoveryCodes(em, viewer.id);
      });
    },
    async disable(unit, client, viewer, sent) {
      const sessionId = requireSessionId(viewer);
      await checkFactor(asAuthOf(unit), viewer.id, sent, `confirm ${sessionId}`, client);
      await change(unit, client, viewer, 'factor.disabled', async (em) => {
        if (!(await removeTotp(em, viewer.id))) {
          throw new NotFound('No authenticator app is set up');
        }
      });
    },
    async renew(unit, client, viewer, sent) {
      const sessionId = requireSessionId(viewer);
      await checkFactor(asAuthOf(unit), viewer.id, sent, `confirm ${sessionId}`, client);
      return change(unit, client, viewer, 'factor.recoveryCodesRenewed', async (em) => {
        if (!(await hasSecondFactor(em, viewer.id))) {
          throw wrongFactor();
        }
        return renewRecoveryCodes(em, viewer.id);
      });
    },
  };
}

/** Returns the id of the viewer's session. @throws {Forbidden} if the credential does not belong to a session */
export function requireSessionId({ sessionId }: SignedInViewer): string {
  if (sessionId === null) {
    throw new Forbidden('This needs a signed-in session; API keys, Basic and external tokens are not accepted');
  }
  return sessionId;
}

async function stateOf(em: EntityManager, userId: string): Promise<SecondFactorState> {
  const [row] = await em.execute<{ enabled: number | null; left: number }[]>(
    `select (extract(epoch from (select confirmed_at from totp_secrets where user_id = ?)) * 1000)::float8 as enabled,
       (select count(*)::int from recovery_codes where user_id = ?) as left`,
    [userId, userId],
  );
  const enabled = row?.enabled ?? null;
  return {
    enabledAt: enabled === null ? null : new Date(enabled),
    recoveryCodesLeft: row?.left ?? 0,
    passkeys: await listPasskeys(em, userId),
  };
}

/** @throws {Unauthenticated} if the code does not belong to the secret that was created last */
async function confirmSecret(em: EntityManager, userId: string, code: string, now: Date): Promise<void> {
  const [begun] = await em.execute<{ secret: string }[]>(
    'select secret from totp_secrets where user_id = ? and confirmed_at is null',
    [userId],
  );
  const step = begun === undefined ? null : stepOfCode(begun.secret, code.replaceAll(/\s/g, ''), now);
  if (begun === undefined || step === null) {
    throw wrongFirstCode();
  }
  const confirmed = await em.execute<unknown[]>(
    `update totp_secrets set confirmed_at = ?, last_step = ?
     where user_id = ? and secret = ? and confirmed_at is null returning user_id`,
    [now, step, userId, begun.secret],
  );
  if (confirmed.length === 0) {
    throw wrongFirstCode();
  }
}

function wrongFirstCode(): Unauthenticated {
  return new Unauthenticated('The code is not valid: start again, or check the clock of the device');
}
