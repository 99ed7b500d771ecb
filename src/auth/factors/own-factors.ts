import { recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork, Work } from '../../database/unit-of-work.ts';
import type { Client } from '../../lib/client.ts';
import { Conflict, Forbidden, Unauthenticated } from '../../lib/errors.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import type { AuthDependencies } from '../dependencies.ts';
import type { FactorChange, Notices } from '../registration/notices.ts';
import { endSessions } from '../sessions/sessions.ts';
import { type CheckCode, wrongCode } from './code-check.ts';
import { hasSecondFactor, removeSecondFactor, renewRecoveryCodes } from './second-factors.ts';
import { createTotp, stepOfCode, type TotpEnrolment } from './totp.ts';

/** The state of a user's second factor. */
export interface SecondFactorState {
  readonly enabledAt: Date | null;
  readonly recoveryCodesLeft: number;
}

/** The operations of users on their own second factor. All but the first need a session. */
export interface OwnFactors {
  readonly state: (unit: UnitOfWork, viewer: SignedInViewer) => Promise<SecondFactorState>;
  /** Creates a secret, which counts once {@link OwnFactors.confirm} has seen a code of it. @throws {Conflict} */
  readonly begin: (unit: UnitOfWork, viewer: SignedInViewer) => Promise<TotpEnrolment>;
  /** Enables the second factor, and ends the user's other sessions. Returns recovery codes. @throws {Unauthenticated} */
  readonly confirm: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, code: string) => Promise<string[]>;
  /** Removes the second factor. @throws {Unauthenticated} {@link RateLimited} */
  readonly disable: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, code: string) => Promise<void>;
  /** Replaces the recovery codes. @throws {Unauthenticated} {@link RateLimited} */
  readonly renew: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, code: string) => Promise<string[]>;
}

const asAuthOf =
  (unit: UnitOfWork) =>
  <T>(work: Work<T>): Promise<T> =>
    unit.as(authScope, work);

/** Creates the operations of users on their own second factor. */
export function createOwnFactors(
  { version, settings, now }: Pick<AuthDependencies, 'version' | 'settings' | 'now'>,
  checkCode: CheckCode,
  notices: Notices,
): OwnFactors {
  /** Runs a change in one transaction that records it and raises the access version, and notifies the user by mail. */
  async function change<T>(
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    action: FactorChange,
    work: (em: EntityManager) => Promise<T>,
  ): Promise<T> {
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
  }

  return {
    state: (unit, { id }) => asAuthOf(unit)((em) => stateOf(em, id)),
    async begin(unit, viewer) {
      requireSession(viewer);
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
          throw new Conflict('A second factor is enabled already: disable it first');
        }
        return totp;
      });
    },
    async confirm(unit, client, viewer, code) {
      const sessionId = requireSession(viewer);
      return change(unit, client, viewer, 'factor.enabled', async (em) => {
        await confirmSecret(em, viewer.id, code, now());
        await em.execute('update sessions set second_factor_at = ? where id = ?', [now(), sessionId], 'run');
        await endSessions(em, { userId: viewer.id, except: sessionId }, 'second factor changed', now());
        return renewRecoveryCodes(em, viewer.id);
      });
    },
    async disable(unit, client, viewer, code) {
      requireSession(viewer);
      await checkCode(asAuthOf(unit), viewer.id, code, client);
      await change(unit, client, viewer, 'factor.disabled', (em) => removeSecondFactor(em, viewer.id));
    },
    async renew(unit, client, viewer, code) {
      requireSession(viewer);
      await checkCode(asAuthOf(unit), viewer.id, code, client);
      return change(unit, client, viewer, 'factor.recoveryCodesRenewed', async (em) => {
        if (!(await hasSecondFactor(em, viewer.id))) {
          throw wrongCode();
        }
        return renewRecoveryCodes(em, viewer.id);
      });
    },
  };
}

/** @throws {Forbidden} without a session of ours, in which a second factor could be shown */
function requireSession({ sessionId }: SignedInViewer): string {
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
  return { enabledAt: enabled === null ? null : new Date(enabled), recoveryCodesLeft: row?.left ?? 0 };
}

/** @throws {Unauthenticated} if the code is none of the secret that was created last */
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
