import { Client } from 'pg';
import { inject } from 'vitest';
import { createServerDatabase } from './database.ts';
import { urlOf } from './environment.ts';
import { type Replica, startReplica } from './replicas.ts';
import { bearer, passwordOf } from './signed-in.ts';

const LOGIN = `mutation ($login: String!, $password: String!) {
  login(login: $login, password: $password) { accessToken refreshToken } }`;
const REFRESH = `mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }`;
const CHANGE = `mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) }`;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Several processes on one database, the way to it past row-level security, and how sessions are used there. */
export class Replicas {
  readonly all: readonly Replica[];
  /** The database's owner. */
  readonly owner: Client;
  readonly #url: string;
  readonly #drop: () => Promise<void>;

  private constructor(all: readonly Replica[], owner: Client, url: string, drop: () => Promise<void>) {
    this.all = all;
    this.owner = owner;
    this.#url = url;
    this.#drop = drop;
  }

  static async start(count: number): Promise<Replicas> {
    const { url, drop } = await createServerDatabase();
    const { serverUrl } = inject('database');
    const owner = new Client({ connectionString: urlOf(serverUrl ?? '', new URL(url).pathname.slice(1)) });
    await owner.connect();
    const all = await Promise.all(Array.from({ length: count }, () => startReplica(url)));
    return new Replicas(all, owner, url, drop);
  }

  /** One more, for one that will be killed. */
  startAnother(): Promise<Replica> {
    return startReplica(this.#url);
  }

  /** Returns one of them, in turns. */
  any(turn: number): Replica {
    const replica = this.all[turn % this.all.length];
    if (replica === undefined) {
      throw new RangeError('There is no replica');
    }
    return replica;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((replica) => replica.kill()));
    await this.owner.end();
    await this.#drop();
  }
}

/** @throws {Error} when the answer is anything but the field's data or the code that is expected */
async function field<Data>(
  replica: Replica,
  name: string,
  ...request: Parameters<Replica['post']>
): Promise<Data | null> {
  const { status, body } = await replica.post(...request);
  const code = body.errors?.[0]?.extensions?.['code'];
  if (code !== undefined && code !== 'UNAUTHENTICATED') {
    throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
  }
  return (body.data?.[name] ?? null) as Data | null;
}

export async function login(replica: Replica, name: string, password = passwordOf(name)): Promise<Tokens> {
  const tokens = await field<Tokens>(replica, 'login', LOGIN, { login: name, password });
  if (tokens === null) {
    throw new Error(`${name} cannot sign in`);
  }
  return tokens;
}

/** Refreshes a session. Returns null if the token is refused. */
export function refresh(replica: Replica, token: string): Promise<Tokens | null> {
  return field<Tokens>(replica, 'refreshSession', REFRESH, { token });
}

/** Returns true if the access token is accepted. */
export async function isGood(replica: Replica, accessToken: string): Promise<boolean> {
  return (await replica.post('{ __typename }', {}, bearer(accessToken))).status === 200;
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Refreshes one token so often at once, over all processes. Returns the different successors, and how many are live. */
export async function raceRefreshes(replicas: Replicas, parallel: number): Promise<{ answers: number; live: number }> {
  const { refreshToken } = await login(replicas.any(0), 'developer');
  const racing = Array.from({ length: parallel }, (_, n) => refresh(replicas.any(n), refreshToken));
  const answers = (await Promise.all(racing)).filter((tokens) => tokens !== null);
  const successors = [...new Set(answers.map((tokens) => tokens.refreshToken))];
  const live = await Promise.all(successors.map((token, n) => refresh(replicas.any(n), token)));
  return { answers: answers.length, live: live.filter((tokens) => tokens !== null).length };
}

/** The operations that end sessions. */
export type Revocation = 'logout' | 'password change' | 'disabling';

/** A user whose sessions are ended repeatedly. */
interface Victim {
  readonly name: string;
  readonly id: string;
  password: string;
}

async function revoke(by: Replica, what: Revocation, victim: Victim, tokens: Tokens): Promise<void> {
  if (what === 'logout') {
    await field(by, 'logout', 'mutation { logout }', {}, bearer(tokens.accessToken));
    return;
  }
  if (what === 'password change') {
    const { accessToken } = await login(by, victim.name, victim.password);
    const next = `${crypto.randomUUID()} is a passphrase`;
    await field(by, 'changePassword', CHANGE, { current: victim.password, next }, bearer(accessToken));
    victim.password = next;
    return;
  }
  const { accessToken } = await login(by, 'superadmin');
  const disable = 'mutation ($id: ID!) { deactivateUser(id: $id) { active } }';
  await field(by, 'deactivateUser', disable, { id: victim.id }, bearer(accessToken));
}

/** Demo users, one each, since their passwords change. */
const VICTIMS = { logout: 'sales', 'password change': 'warehouse', disabling: 'manager' } as const;

/** The number of rounds in which the other processes are checked as well, a second later. */
const ASK_ELSEWHERE = 50;

export interface RevocationFigures {
  /** Pairs of tokens that were handed out before, and while, the revoking call ran. */
  readonly minted: number;
  /** The tokens that the revoking process still accepted after the call had returned. */
  readonly goodHere: number;
  /** Refresh tokens that any process took then. */
  readonly refreshed: number;
  /** Access tokens that another process accepted a second later. */
  readonly goodElsewhere: number;
}

/** Lets refreshes run against a revocation, so many times. */
export async function raceRevocation(replicas: Replicas, what: Revocation, trials: number): Promise<RevocationFigures> {
  const name = VICTIMS[what];
  const { rows } = await replicas.owner.query<{ id: string }>('select id from users where username = $1', [name]);
  const victim: Victim = { name, id: rows[0]?.id ?? '', password: passwordOf(name) };
  const figures = { minted: 0, goodHere: 0, refreshed: 0, goodElsewhere: 0 };
  for (let trial = 0; trial < trials; trial++) {
    const by = replicas.any(trial);
    const first = await login(replicas.any(trial + 1), victim.name, victim.password);
    const minted: Tokens[] = [first];
    const revoked = new AbortController();
    const refreshing = (async () => {
      for (let tokens: Tokens | null = first, turn = trial; tokens !== null && !revoked.signal.aborted; turn++) {
        tokens = await refresh(replicas.any(turn), tokens.refreshToken);
        minted.push(...(tokens === null ? [] : [tokens]));
      }
    })();
    await pause(trial % 13);
    await revoke(by, what, victim, first);
    revoked.abort();
    const known = [...minted];
    const here = await Promise.all(known.map(({ accessToken }) => isGood(by, accessToken)));
    await refreshing;
    const taken = await Promise.all(minted.map(({ refreshToken }, n) => refresh(replicas.any(n), refreshToken)));
    const late = trial % ASK_ELSEWHERE === 0 ? minted : [];
    await pause(late.length > 0 ? 1_000 : 0);
    const elsewhere = await Promise.all(late.map(({ accessToken }, n) => isGood(replicas.any(n), accessToken)));
    figures.minted += minted.length;
    figures.goodHere += here.filter(Boolean).length;
    figures.refreshed += taken.filter((tokens) => tokens !== null).length;
    figures.goodElsewhere += elsewhere.filter(Boolean).length;
    if (what === 'disabling') {
      await replicas.owner.query('update users set active = true where id = $1', [victim.id]);
    }
  }
  return figures;
}

/**
 * Kills a process after it has rotated a refresh token and before it has answered, which a lock holds up. Returns whether
 * the retry, in another process, is answered, and its successor works.
 */
export async function killBeforeAnswer(replicas: Replicas): Promise<boolean> {
  const doomed = await replicas.startAnother();
  const { refreshToken } = await login(doomed, 'developer');
  const hash = async (): Promise<unknown> =>
    (await replicas.owner.query('select refresh_hash from sessions order by created_at desc limit 1')).rows[0];
  const before = JSON.stringify(await hash());
  await replicas.owner.query('begin');
  await replicas.owner.query('lock table role_assignments in access exclusive mode');
  const answer = refresh(doomed, refreshToken).then(
    () => 'answered',
    () => 'died',
  );
  while (JSON.stringify(await hash()) === before) {
    await pause(1);
  }
  await doomed.kill();
  await replicas.owner.query('commit');
  const retried = await refresh(replicas.any(0), refreshToken);
  const next = retried && (await refresh(replicas.any(1), retried.refreshToken));
  return (await answer) === 'died' && next !== null && (await isGood(replicas.any(2), next.accessToken));
}

/** Measures for how long after a logout in one process another still accepts the access token, in milliseconds. */
export async function spread(replicas: Replicas): Promise<number> {
  const { accessToken } = await login(replicas.any(0), 'developer');
  await isGood(replicas.any(1), accessToken);
  await field(replicas.any(0), 'logout', 'mutation { logout }', {}, bearer(accessToken));
  const since = performance.now();
  while (await isGood(replicas.any(1), accessToken)) {
    await pause(2);
  }
  return performance.now() - since;
}
