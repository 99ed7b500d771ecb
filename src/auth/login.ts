import { randomUUID } from 'node:crypto';
import type { EntityManager } from '../database/orm.ts';
import { authScope } from '../database/scopes.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import { BadUserInput, Forbidden, Unauthenticated } from '../errors.ts';
import { loadRoleGraph, LOWEST_ROLE } from '../roles/role-graph.ts';
import { emailKeyOf, USERNAME } from '../users/identity.ts';
import type { AccessTokens } from './access-token.ts';
import type { PasswordHasher } from './passwords.ts';

export interface LoginInput {
  /** A user name or an e-mail address. */
  readonly login: string;
  readonly password: string;
  /** The roles to activate; all of them when absent. */
  readonly roles?: readonly string[] | null | undefined;
}

export interface SignIn {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

export interface LoginParts {
  readonly tokens: AccessTokens;
  readonly hasher: PasswordHasher;
}

interface Candidate {
  readonly id: string;
  readonly active: boolean;
  readonly accountId: string | null;
  readonly passwordHash: string | null;
  readonly assigned: readonly string[];
}

/** One text for every way to fail: who exists, and who is disabled, is not for strangers to know. */
const refused = (): Unauthenticated => new Unauthenticated('The login or the password is wrong');

/**
 * Signs in by password.
 *
 * @throws {Unauthenticated} unknown user, wrong password, disabled user: told apart by nothing, the time included
 * @throws {BadUserInput} when a role does not exist
 * @throws {Forbidden} when a role is not the user's
 */
export async function login({ tokens, hasher }: LoginParts, unit: UnitOfWork, input: LoginInput): Promise<SignIn> {
  const candidate = await unit.as(authScope, (em) => findCandidate(em, input.login));
  const matches = await hasher.verify(input.password, candidate?.passwordHash ?? null);
  if (candidate === null || !matches || !candidate.active) {
    throw refused();
  }
  const graph = await unit.as(authScope, loadRoleGraph);
  const held = graph.closureOf([...candidate.assigned, LOWEST_ROLE]);
  const wanted = input.roles ?? candidate.assigned;
  if (!wanted.every((role) => graph.has(role))) {
    throw new BadUserInput('There is no such role', { field: 'roles' });
  }
  if (!wanted.every((role) => held.has(role))) {
    throw new Forbidden('Only roles that one holds can be activated');
  }
  const issued = tokens.issue({
    sub: candidate.id,
    sid: randomUUID(),
    roles: [...wanted],
    account: candidate.accountId,
  });
  return { accessToken: issued.token, expiresAt: issued.expiresAt };
}

const CANDIDATE = `
  select u.id, u.active, u.account_id as "accountId", c.password_hash as "passwordHash",
    array(select role from role_assignments where user_id = u.id order by 1) as assigned
  from users u left join credentials c on c.user_id = u.id`;

async function findCandidate(em: EntityManager, name: string): Promise<Candidate | null> {
  if (name.length > 320 || name.includes('\0') || !name.isWellFormed()) {
    return null;
  }
  const key = emailKeyOf(name);
  const column = USERNAME.test(key) ? 'u.username' : 'u.email_key';
  const [found] = await em.execute<Candidate[]>(`${CANDIDATE} where ${column} = ?`, [key]);
  return found ?? null;
}
