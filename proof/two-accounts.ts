import { setTimeout as pause } from 'node:timers/promises';
import type { TestApp } from '../test/support/app.ts';
import { bearer, passwordOf } from '../test/support/signed-in.ts';
import { change, look } from '../test/support/rows.ts';

/** The roles that the members of each account have. */
const ROLES = ['GUEST', 'STANDARD', 'ACCOUNT_MANAGER', 'ACCOUNT_ADMIN'] as const;
export const SIDES = ['alpha', 'omega'] as const;

type Side = (typeof SIDES)[number];

/** A member of one account; every name of the member and of the account contains the account's mark. */
export interface Member {
  readonly side: Side;
  readonly role: (typeof ROLES)[number];
  readonly id: string;
  readonly accountId: string;
  readonly headers: Record<string, string>;
}

/** Makes two accounts with a member of each role; returns their members. */
export async function makeTwoAccounts(app: TestApp): Promise<readonly Member[]> {
  const members: Member[] = [];
  for (const side of SIDES) {
    const accountId = crypto.randomUUID();
    await change(
      app,
      `insert into accounts (id, name, status, billing_email, created_at, updated_at)
       values (?, ?, 'ACTIVE', ?, now(), now())`,
      accountId,
      `${side} account`,
      `${side}@example.org`,
    );
    for (const role of ROLES) {
      members.push(await makeMember(app, { side, role, accountId }));
    }
  }
  return members;
}

async function makeMember(app: TestApp, member: Pick<Member, 'side' | 'role' | 'accountId'>): Promise<Member> {
  const { side, role, accountId } = member;
  const [id, name] = [crypto.randomUUID(), `${side}.${role.toLowerCase()}`];
  await change(
    app,
    `insert into users (id, username, email, email_key, display_name, account_id, created_at, updated_at)
     select ?, name, name || '@example.org', name || '@example.org', ?, ?, now(), now() from (select ?::text as name) as given`,
    id,
    `${side} ${role}`,
    accountId,
    name,
  );
  await change(app, 'insert into role_assignments (user_id, role) values (?, ?)', id, role);
  const hash = await app.hasher.hash(passwordOf(name));
  await change(app, 'insert into credentials (user_id, password_hash, updated_at) values (?, ?, now())', id, hash);
  return { ...member, id, headers: bearer(await app.as(name).token()) };
}

/** A request of a member, and the expected answer: data, or an error with this code. */
interface Request {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly expected: 'data' | 'FORBIDDEN' | 'NOT_FOUND';
  readonly writes: boolean;
}

const holds = ({ role }: Member, wanted: Member['role']): boolean => ROLES.indexOf(role) >= ROLES.indexOf(wanted);

/** Every request that a member may make: on their own rows, on a colleague's, and on those of the other account. */
export function requestsOf(member: Member, members: readonly Member[], turn: number): readonly Request[] {
  const colleague = members.find(({ side, role }) => side === member.side && role === 'STANDARD') ?? member;
  const stranger = members.find(({ side, role }) => side !== member.side && role === 'STANDARD') ?? member;
  const name = `${member.side} ${turn}`;
  const open = (role: Member['role']): Request['expected'] => (holds(member, role) ? 'data' : 'FORBIDDEN');
  const missing = (role: Member['role']): Request['expected'] => (holds(member, role) ? 'NOT_FOUND' : 'FORBIDDEN');
  const read = (query: string, expected: Request['expected'], variables = {}): Request => {
    return { query, variables, expected, writes: false };
  };
  const write = (query: string, expected: Request['expected'], variables: object): Request => {
    return { query, variables: { ...variables }, expected, writes: true };
  };
  const user = 'query ($id: ID!) { user(id: $id) { id email displayName roles } }';
  const rename =
    'mutation ($id: ID!, $name: String!) { updateUser(id: $id, input: { displayName: $name }) { id displayName } }';
  return [
    read('{ me { id username displayName } }', 'data'),
    read('{ myAccount { id name } }', open('STANDARD')),
    read(
      '{ myAccount { id billingEmail users(first: 50) { nodes { id email displayName roles account { name } } totalCount } } }',
      open('ACCOUNT_ADMIN'),
    ),
    read(user, colleague.id === member.id ? 'data' : open('ACCOUNT_MANAGER'), { id: colleague.id }),
    read(user, missing('ACCOUNT_MANAGER'), { id: stranger.id }),
    read('query ($id: ID!) { account(id: $id) { id name } }', 'FORBIDDEN', { id: stranger.accountId }),
    write('mutation ($name: String!) { updateMe(input: { displayName: $name }) { id displayName } }', 'data', { name }),
    write('mutation ($name: String!) { updateMyAccount(input: { name: $name }) { id name } }', open('ACCOUNT_ADMIN'), {
      name,
    }),
    write(rename, open('ACCOUNT_ADMIN'), { id: colleague.id, name }),
    write(rename, missing('ACCOUNT_ADMIN'), { id: stranger.id, name }),
    write(
      'mutation ($name: String!) { createDocument(input: { title: $name, content: $name }) { id authorName } }',
      'data',
      { name },
    ),
  ];
}

/** The outcome of a request; `turnedAway`: the server, or its database, was too busy. */
export type Outcome = 'answered' | 'aborted' | 'turnedAway' | 'bled' | 'unexpected';

/** Sends a request, and gives it up after so many milliseconds, if any; tells what came of it. */
export async function send(
  url: string,
  member: Member,
  { query, variables, expected }: Request,
  foreign: RegExp,
  patience: number | null,
): Promise<Outcome> {
  const leaving = new AbortController();
  const leave = patience === null ? null : pause(patience).then(() => leaving.abort());
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...member.headers },
      body: JSON.stringify({ query, variables }),
      signal: leaving.signal,
    });
    const text = await response.text();
    if (foreign.test(text)) {
      return 'bled';
    }
    const { errors = [] } = JSON.parse(text) as { errors?: { extensions: { code: string } }[] };
    const outcome = errors[0]?.extensions.code ?? 'data';
    return outcome === expected ? 'answered' : outcome === 'SERVICE_UNAVAILABLE' ? 'turnedAway' : 'unexpected';
  } catch (error) {
    if (leaving.signal.aborted) {
      return 'aborted';
    }
    throw error;
  } finally {
    await leave;
  }
}

/** Texts that only the other account may see: its mark and its ids. */
export function knownToOthers(member: Member, members: readonly Member[]): RegExp {
  const others = members.filter(({ side }) => side !== member.side);
  return new RegExp(others.flatMap(({ side, id, accountId }) => [side, id, accountId]).join('|'));
}

/** Rows that a member of the other account wrote, or that name such a member as the actor. */
export async function strayRows(app: TestApp): Promise<number> {
  const [found] = await look<{ count: number }>(
    app,
    `with people as (select id, account_id, split_part(username, '.', 1) as side, display_name from users
       where username ~ '^(alpha|omega)[.]')
     select ((select count(*) from people where display_name not like side || '%')
       + (select count(*) from accounts a join people p on p.account_id = a.id where a.name not like p.side || '%')
       + (select count(*) from documents d join people p on p.id = d.author_id where d.title not like p.side || '%')
       + (select count(*) from audit_events e join people actor on actor.id = e.actor_id
            left join people target on target.id::text = e.target_id
          where coalesce(target.account_id::text, case when e.target_type = 'account' then e.target_id end,
            actor.account_id::text) <> actor.account_id::text and e.action not like '%denied%'))::int as count`,
  );
  return found?.count ?? -1;
}
