/** Who is asking. Anonymous is a viewer with no roles. */
export interface Viewer {
  /** null: nobody is signed in. */
  readonly id: string | null;
  readonly accountId: string | null;
  readonly sessionId: string | null;
  /** Effective roles, closed under inheritance. */
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string> | 'all';
}

/** A viewer who is signed in. */
export type SignedInViewer = Viewer & { readonly id: string };

export const anonymous: Viewer = Object.freeze({
  id: null,
  accountId: null,
  sessionId: null,
  roles: new Set<string>(),
  permissions: new Set<string>(),
});
