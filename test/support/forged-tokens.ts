import { createHmac } from 'node:crypto';

export type Claims = Record<string, unknown>;

/** The material of hostile tokens: the secrets that the server trusts, and the claims of a token that it would accept. */
export type HostileTokenOptions = {
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
  /** Claims of a live session, so that nothing but the attack is wrong with the token. */
  readonly claims?: Claims;
};

export type NamedToken = { readonly name: string; readonly token: string };

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token of any header and payload (a string stands as it is), signed with HMAC whatever its header says. */
export function forge(header: unknown, payload: unknown, secret: string | Buffer, hash = 'sha256'): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

/** Ids that belong to no user, for tests without a live session. */
export const USER = '5f0c7a1e-2b3d-4c5e-8f90-a1b2c3d4e5f6';
export const SESSION = '0192f0c4-7a1b-4c3d-8e5f-123456789abc';
export const OTHER_USER = 'c0ffee00-2b3d-4c5e-8f90-a1b2c3d4e5f6';

export const HEADER = { alg: 'HS256', typ: 'at+jwt' };

/** The claims of a token that the server accepts, as far as it can be told without a database. */
export function honestClaims({ issuer, audience, now, claims }: HostileTokenOptions): Claims {
  const iat = Math.floor(now.getTime() / 1000);
  const subject = { sub: USER, sid: SESSION, roles: ['ADMIN'], permissions: [], account: null, ...claims };
  return { iss: issuer, aud: audience, jti: 'token-1', iat, exp: iat + 300, ...subject };
}

/** A token that the server accepts: the control, without which a refusal proves nothing. */
export function honestToken(options: HostileTokenOptions): string {
  return forge(HEADER, honestClaims(options), options.secret);
}

/** Names tokens. */
export function named(prefix: string, tokens: Record<string, string>): NamedToken[] {
  return Object.entries(tokens).map(([name, token]) => ({ name: `${prefix}: ${name}`, token }));
}
