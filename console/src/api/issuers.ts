import { text } from '../text.ts';
import type { Challenge } from './viewer.tsx';

/** The way back from an external issuer, as the server puts it into the address of the page. */
export interface IssuerReturn {
  /** True if this page was loaded at the end of a sign-in that the sign-in page began. */
  readonly isSignIn: boolean;
  /** The reason why the sign-in failed; null if it did not, or there was none. */
  readonly message: string | null;
  /** The challenge for a second factor; null if none is required, or the sign-in page has taken it. */
  challenge: Challenge | null;
}

/** The page to come back to from a sign-in. */
export const SIGN_IN_PAGE = '/console/sign-in?from=issuer';

/** The way by which this page was loaded. */
export const issuerReturn: IssuerReturn = readReturn();

/** Reads the address, and takes out what is not to be there after a reload. */
function readReturn(): IssuerReturn {
  const url = new URL(location.href);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const isSignIn = url.searchParams.get('from') === 'issuer';
  const error = url.searchParams.get('sign_in_error');
  const challenge = isSignIn ? fragment.get('challenge') : null;
  if (isSignIn || error !== null) {
    url.searchParams.delete('from');
    url.searchParams.delete('sign_in_error');
    url.hash = '';
    history.replaceState(history.state, '', url);
  }
  const passkey: unknown = JSON.parse(fragment.get('passkey') ?? 'null');
  return {
    isSignIn,
    message: error === null ? null : (text.issuers.errors.get(error) ?? text.issuers.failed),
    challenge: challenge === null ? null : { challenge, passkey },
  };
}
