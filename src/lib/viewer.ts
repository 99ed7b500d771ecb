/** The kind of credential that identified a viewer. */
export type Credential = 'access token' | 'session cookie' | 'API key' | 'Basic' | 'external token';

/** The viewer of a request. Anonymous is a viewer with no roles. */
export interface Viewer {
  /** null for an anonymous viewer. */
  readonly id: string | null;
  readonly accountId: string | null;
  /** null: nothing was shown. */
  readonly credential: Credential | null;
  /** The session that the credential belongs to, if it belongs to one. */
  readonly sessionId: string | null;
  /** When the credential ends by itself, if nothing ends it before; null: never. */
  readonly expiresAt: Date | null;
  /** The roles that the credential activates, without inherited ones. */
  readonly activated: readonly string[];
  /** Effective roles, closed under inheritance. */
  readonly roles: ReadonlySet<string>;
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
  activated: [],
  roles: new Set<string>(),
  permissions: new Set<string>(),
});
