import type { Permission } from '../generated/access.ts';

/** The kind of credential that identified a viewer. */
export type Credential = 'access token' | 'session cookie' | 'API key' | 'Basic' | 'external token';

/** The viewer of a request. Anonymous is a viewer with no roles. */
export interface Viewer {
  /** null for an anonymous viewer. */
  readonly id: string | null;
  readonly accountId: string | null;
  /** null: the request carried no credential. */
  readonly credential: Credential | null;
  /** The session that the credential belongs to, if it belongs to one. */
  readonly sessionId: string | null;
  /** The time at which the credential expires, unless it is revoked before; null: never. */
  readonly expiresAt: Date | null;
  /** The time of the last sign-in in the session; null for API keys and Basic, which have none. */
  readonly authenticatedAt: Date | null;
  /** True while the viewer holds only GUEST, since their other roles require a second factor that was not shown. */
  readonly secondFactorRequired: boolean;
  /** The id of the administrator who views the API as this viewer, read-only; null in any other case. */
  readonly viewedBy: string | null;
  /** The roles that the credential activates, without inherited ones. */
  readonly activated: readonly string[];
  /** The activated roles and all that they inherit. */
  readonly roles: ReadonlySet<string>;
  /** `all` for holders of the role ADMIN. */
  readonly permissions: ReadonlySet<string> | 'all';
}

/** A viewer who is signed in. */
export type SignedInViewer = Viewer & { readonly id: string };

export const anonymous: Viewer = Object.freeze({
  id: null,
  accountId: null,
  credential: null,
  sessionId: null,
  expiresAt: null,
  authenticatedAt: null,
  secondFactorRequired: false,
  viewedBy: null,
  activated: [],
  roles: new Set<string>(),
  permissions: new Set<string>(),
});

/** Returns true if the viewer holds one of the permissions. An ADMIN holds all of them. */
export function holds({ permissions }: Pick<Viewer, 'permissions'>, ...wanted: readonly Permission[]): boolean {
  return permissions === 'all' || wanted.some((permission) => permissions.has(permission));
}

/** Returns the id of the user who acts: of an administrator who views the API as another, the administrator. */
export function actorIdOf(viewer: Viewer): string | null {
  return viewer.viewedBy ?? viewer.id;
}

/** The client of a request, as authentication sees it. */
export interface Client {
  /** The address used for throttles. Only configured proxies are trusted to report it. */
  readonly address: string;
  /** The name that the client gives itself (`User-Agent`). */
  readonly device: string;
  /** Makes the response set the session cookie, or clear it with null. */
  readonly setSessionCookie: (value: string | null, expiresAt: Date | null) => void;
  /** Makes the response set the cookie of a sign-in at an issuer, valid for the given milliseconds, or clear it with null. */
  readonly setSignInCookie: (value: string | null, validFor: number) => void;
}
