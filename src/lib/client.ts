/** Where a request comes from, as far as credentials care. */
export interface Client {
  /** The address that counts for throttles; proxies are believed as configured. */
  readonly address: string;
  /** What the client calls itself (`User-Agent`). */
  readonly device: string;
  /** Has the answer set the session cookie, or clear it. */
  readonly setSessionCookie: (value: string | null, expiresAt: Date | null) => void;
}
