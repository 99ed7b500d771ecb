/** The client of a request, as authentication sees it. */
export interface Client {
  /** The address used for throttles. Only configured proxies are trusted to report it. */
  readonly address: string;
  /** The name that the client gives itself (`User-Agent`). */
  readonly device: string;
  /** Makes the response set the session cookie, or clear it with null. */
  readonly setSessionCookie: (value: string | null, expiresAt: Date | null) => void;
  /** Makes the response set the cookie of a sign-in at an issuer for so many milliseconds, or clear it with null. */
  readonly setSignInCookie: (value: string | null, validFor: number) => void;
}
