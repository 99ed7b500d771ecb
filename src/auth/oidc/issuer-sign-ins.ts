import type { UnitOfWork } from '../../database/unit-of-work.ts';
import type { Client, SignedInViewer } from '../../lib/viewer.ts';
import { BadUserInput, IssuerUnavailableError, ServiceUnavailable } from '../../lib/errors.ts';
import { networkOf } from '../../lib/network.ts';
import { authScope } from '../../database/scopes.ts';
import type { AuthDependencies } from '../dependencies.ts';
import type { CheckFactor } from '../factors/factor-check.ts';
import { asAuthOf, requireSessionId } from '../factors/own-factors.ts';
import { hasSecondFactor } from '../factors/second-factors.ts';
import { type AsAuth, recordFailedLogin } from '../passwords/login.ts';
import { type Allowance, releaseAttempt, reserveAttempt, throttleKey } from '../passwords/throttle.ts';
import type { Notices } from '../registration/notices.ts';
import type { SignIns } from '../sessions/sign-in.ts';
import { createOpaqueToken } from '../tokens/opaque-token.ts';
import { type BegunSignIn, isStateOf, secretsOf, storeSignIn, takeSignIn, VALID_FOR } from './begun-sign-ins.ts';
import { createCompletion } from './completion.ts';
import type { IssuerClient, Part } from './issuer-client.ts';
import { Failure, locationOf, reasonOf, requireOwnPath } from './outcome.ts';

/** The roles that are stored for a sign-in; any client may begin one. */
const MOST_ROLES = 100;

/** A request to begin at an issuer. */
export interface Beginning {
  /** The id of the issuer in our configuration. */
  readonly issuer: string;
  /** The path of this server to come back to. */
  readonly returnTo?: string | null | undefined;
}

/** The response of an issuer, as the browser brings it. */
export interface IssuerResponse {
  /** The id in the path of the redirect URI. */
  readonly issuer: string;
  /** The query as it was sent. */
  readonly query: string;
  /** The value of the cookie; null without one. */
  readonly token: string | null;
}

/** The sign-ins of browsers at external issuers, by authorization code with PKCE (OpenID Connect Core §3.1). */
export interface IssuerSignIns {
  /** The issuers that are offered, in the order of the configuration. */
  readonly issuers: readonly Pick<IssuerClient, 'id' | 'label' | 'issuer' | 'reauthenticates'>[];
  /**
   * Begins a sign-in. Returns the URL to send the browser to; the response sets a cookie.
   *
   * @throws {BadUserInput} if there is no such issuer, or the path does not belong to this server
   * @throws {ServiceUnavailable} if the issuer does not answer
   * @throws {RateLimited}
   */
  readonly signIn: (
    unit: UnitOfWork,
    client: Client,
    beginning: Beginning & { readonly roles?: readonly string[] | null | undefined },
  ) => Promise<string>;
  /** Begins to link an identity to the viewer. Throws as {@link IssuerSignIns.signIn}, and without a session. */
  readonly link: (unit: UnitOfWork, client: Client, viewer: SignedInViewer, beginning: Beginning) => Promise<string>;
  /**
   * Begins a repeated sign-in in the session of the request.
   *
   * @throws {Unauthenticated} {@link BadUserInput} if the code is wrong, or missing though the user has a second factor
   */
  readonly reauthenticate: (
    unit: UnitOfWork,
    client: Client,
    viewer: SignedInViewer,
    beginning: Beginning & { readonly code?: string | null | undefined },
  ) => Promise<string>;
  /** Finishes a sign-in that was begun. Returns the URL on this server to send the browser to. */
  readonly finish: (client: Client, response: IssuerResponse) => Promise<string>;
}

type Dependencies = Pick<AuthDependencies, 'database' | 'version' | 'lifetime' | 'settings' | 'signInIssuers' | 'now'>;

/** Creates the sign-ins at the configured issuers. */
export function createIssuerSignIns(
  { database, version, lifetime, settings, signInIssuers: issuers, now }: Dependencies,
  signIns: Pick<SignIns, 'activationFor' | 'openIssued' | 'announce'>,
  checkFactor: CheckFactor,
  notices: Notices,
): IssuerSignIns {
  const run: AsAuth = (work) => database.run(authScope, work);
  const complete = createCompletion({ version, lifetime, now }, run, signIns, notices);
  const publicUrl = settings.publicUrl ?? '';

  /** Returns the limit of the sign-ins that an address may begin without finishing them. */
  const allowancesOf = ({ address }: Client): Allowance[] => [
    { key: throttleKey('sign-in at issuer', networkOf(address)), limit: settings.loginLimits.perAddress },
  ];

  async function begin(
    unit: UnitOfWork,
    client: Client,
    { issuer, returnTo }: Beginning,
    part: Part,
    begun: Pick<BegunSignIn, 'purpose' | 'userId' | 'sessionId' | 'roles'>,
    showFactor: () => Promise<boolean> = async () => false,
  ): Promise<string> {
    const at = issuers.find(({ id }) => id === issuer);
    if (at === undefined) {
      throw new BadUserInput('There is no such issuer: signInIssuers lists them', { field: 'issuer' });
    }
    if (part === 'signs in again' && !at.reauthenticates) {
      throw new BadUserInput('This issuer cannot ask its users to sign in again: sign out, and sign in', {
        field: 'issuer',
      });
    }
    const path = requireOwnPath(returnTo ?? '/console', publicUrl);
    const asAuth = asAuthOf(unit);
    await asAuth((em) => reserveAttempt(em, allowancesOf(client), now()));
    const token = createOpaqueToken('signin');
    const url = await at.authorizationUrl(secretsOf(token), part).catch(async (error: unknown) => {
      await asAuth((em) => releaseAttempt(em, allowancesOf(client)));
      throw error instanceof IssuerUnavailableError
        ? new ServiceUnavailable('The issuer does not answer: try again soon, or sign in another way', 5, {
            cause: error,
          })
        : error;
    });
    // Last, since it consumes a code.
    const secondFactor = await showFactor();
    await asAuth((em) => storeSignIn(em, token, { ...begun, secondFactor, issuer, returnTo: path, startedAt: now() }));
    client.setSignInCookie(token, VALID_FOR);
    return url.href;
  }

  async function finish(client: Client, { issuer, query, token }: IssuerResponse): Promise<string> {
    if (token === null || !isStateOf(token, new URLSearchParams(query).get('state'))) {
      // The cookie stays: another page may have sent the browser here while a sign-in of its user is under way.
      return locationOf('/console/sign-in', publicUrl, 'EXPIRED');
    }
    client.setSignInCookie(null, 0);
    const begun = await run((em) => takeSignIn(em, token, now()));
    if (begun === null) {
      return locationOf('/console/sign-in', publicUrl, 'EXPIRED');
    }
    try {
      const at = issuers.find(({ id }) => id === begun.issuer);
      if (at === undefined || begun.issuer !== issuer) {
        throw new Failure('REFUSED');
      }
      const identity = await at.redeem(query, secretsOf(token));
      const asksFor = await complete(client, begun, at, identity);
      await run((em) => releaseAttempt(em, allowancesOf(client)));
      return locationOf(begun.returnTo, publicUrl, null, asksFor);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === null) {
        throw error;
      }
      if (begun.purpose === 'sign in' && (reason === 'REFUSED' || reason === 'DENIED')) {
        await run((em) => recordFailedLogin(em, client, now(), { userId: null, reason: 'refused at the issuer' }));
      }
      return locationOf(begun.returnTo, publicUrl, reason);
    }
  }

  return {
    issuers,
    finish,
    async signIn(unit, client, { roles = null, ...beginning }) {
      if ((roles ?? []).length > MOST_ROLES) {
        throw new BadUserInput(`At most ${MOST_ROLES} roles can be activated at an issuer`, { field: 'roles' });
      }
      return begin(unit, client, beginning, 'none', {
        purpose: 'sign in',
        userId: null,
        sessionId: null,
        roles,
      });
    },
    link: (unit, client, viewer, beginning) =>
      // The person chooses the account there: it may be one that another person has signed in to in this browser.
      begin(unit, client, beginning, 'chooses', {
        purpose: 'link',
        userId: viewer.id,
        sessionId: requireSessionId(viewer),
        roles: null,
      }),
    async reauthenticate(unit, client, viewer, { code, ...beginning }) {
      const sessionId = requireSessionId(viewer);
      const secondFactor = await asAuthOf(unit)((em) => hasSecondFactor(em, viewer.id));
      if (secondFactor && typeof code !== 'string') {
        throw new BadUserInput(
          'A second factor is required as well: a code of the authenticator app, or a recovery code',
          {
            field: 'code',
          },
        );
      }
      const begun = { purpose: 'reauthenticate', userId: viewer.id, sessionId, roles: null } as const;
      return begin(unit, client, beginning, 'signs in again', begun, async () => {
        if (secondFactor) {
          await checkFactor(asAuthOf(unit), viewer.id, { code }, `confirm ${sessionId}`, client);
        }
        return secondFactor;
      });
    },
  };
}
