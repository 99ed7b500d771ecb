import { requireSignedIn, type RequestContext } from '../../context.ts';
import type { Beginning } from '../../auth/oidc/issuer-sign-ins.ts';
import { requireSessionViewer, requireRecentlySignedIn } from '../sessions/service.ts';

/** An external issuer at which a browser can sign in. */
export interface SignInIssuer {
  readonly id: string;
  readonly label: string;
  readonly reauthenticates: boolean;
}

/** An identity, as its user sees it. */
export interface OwnIdentity {
  readonly id: string;
  readonly issuer: SignInIssuer | null;
  readonly issuerUrl: string;
  readonly linkedAt: Date | null;
}

/** A sign-in that was begun. */
export interface BegunSignIn {
  readonly url: string;
}

/** Returns the issuers at which browsers sign in. */
export function listSignInIssuers({ auth }: RequestContext): SignInIssuer[] {
  return auth.issuerSignIns.issuers.map(({ id, label, reauthenticates }) => ({ id, label, reauthenticates }));
}

/** Returns the viewer's identities. */
export async function listIdentities({ auth, unit, viewer }: RequestContext): Promise<OwnIdentity[]> {
  const identities = await auth.identities.list(unit, requireSignedIn(viewer));
  return identities.map(({ id, issuer: issuerUrl, linkedAt }) => ({
    id,
    issuer: auth.issuerSignIns.issuers.find(({ issuer }) => issuer === issuerUrl) ?? null,
    issuerUrl,
    linkedAt,
  }));
}

/** Begins a sign-in at an issuer. */
export async function startSignIn(
  { auth, unit, client }: RequestContext,
  beginning: Beginning & { readonly roles?: readonly string[] | null | undefined },
): Promise<BegunSignIn> {
  return { url: await auth.issuerSignIns.signIn(unit, client, beginning) };
}

/** Begins to link an identity to the viewer. */
export async function linkIdentity(context: RequestContext, beginning: Beginning): Promise<BegunSignIn> {
  const { auth, unit, client } = context;
  return { url: await auth.issuerSignIns.link(unit, client, requireRecentlySignedIn(context), beginning) };
}

/** Removes an identity of the viewer. */
export async function unlinkIdentity(context: RequestContext, id: string): Promise<true> {
  await context.auth.identities.unlink(context.unit, context.client, requireRecentlySignedIn(context), id);
  return true;
}

/** Begins to sign the viewer in again at an issuer, in the session of the request. */
export async function startReauthentication(
  context: RequestContext,
  beginning: Beginning & { readonly code?: string | null | undefined },
): Promise<BegunSignIn> {
  const { auth, unit, client } = context;
  return { url: await auth.issuerSignIns.reauthenticate(unit, client, requireSessionViewer(context), beginning) };
}
