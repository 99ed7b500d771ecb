import { setTimeout as sleep } from 'node:timers/promises';
import { contestants, databaseUrlFor, start, SUBJECT } from '../contestants.ts';
import { pageOf } from './compare.ts';
import { generateRoles, generateUsers } from './generate.ts';
import type { Curve, Point } from './growth.ts';
import { connected, createDatabase, dropDatabase, urlOf } from './postgres.ts';
import { type Effort, linesOf, type Probe, probe } from './probes.ts';
import { signIn } from './rolegate.ts';
import { ask, type Server } from './server.ts';

/** The database with the demo's data; copied for each size. */
export const BASE = 'rolegate_bench_growth';

/** A Rolegate with data of some size, and an administrator's token. */
export interface Site {
  readonly size: number;
  readonly database: string;
  readonly server: Server;
  readonly token: string;
}

async function startRolegate({ postgres }: Effort, database: string): Promise<Server> {
  const subject = contestants.find(({ name }) => name === SUBJECT);
  if (subject === undefined) {
    throw new Error('Rolegate is no contestant');
  }
  return start(subject, 'with', databaseUrlFor('with', postgres, database));
}

/** Copies the base for each size, fills the copy and starts a server on it; takes all of it away in the end. */
export async function onSites<T>(
  effort: Effort,
  sizes: readonly number[],
  fill: (url: string, size: number) => Promise<void>,
  work: (sites: readonly Site[]) => Promise<T>,
): Promise<T> {
  const { postgres, say } = effort;
  const sites: Site[] = [];
  try {
    for (const size of sizes) {
      const database = `${BASE}_${size}`;
      say(`filling ${database}`);
      await createDatabase(postgres, database, BASE);
      await fill(urlOf(postgres, database), size);
      const server = await startRolegate(effort, database);
      sites.push({ size, database, server, token: await signIn(server.origin, 'admin') });
    }
    return await work(sites);
  } finally {
    await Promise.all(sites.map(({ server }) => server.stop()));
    for (const { database } of sites) {
      await dropDatabase(postgres, database);
    }
  }
}

export function onUsers<T>(
  effort: Effort,
  sizes: readonly number[],
  work: (sites: readonly Site[]) => Promise<T>,
): Promise<T> {
  const fill = (url: string, users: number): Promise<void> =>
    generateUsers(url, { users, accounts: users / 10 }, effort.say);
  return onSites(effort, sizes, fill, work);
}

/** 1 to 200 rows on a page. */
export async function rowsCurve(effort: Effort, { server, token }: Site, sizes: readonly number[]): Promise<Curve> {
  const probes = sizes.map((x): Probe => ({ line: 'a page of accounts', x, server, token, query: pageOf(x) }));
  return {
    name: 'rows',
    title: 'Rows on a page',
    x: 'accounts on the page, of 7 fields each',
    y: 'milliseconds',
    note: 'One connection.',
    lines: linesOf(await probe(probes, effort), 'linear'),
  };
}

/** 1 to 512 connections: how long each waits, and how much all get. */
export async function connectionsCurves(
  effort: Effort,
  { server, token }: Site,
  sizes: readonly number[],
): Promise<Curve[]> {
  const probes = sizes.map((x): Probe => {
    return { line: 'a page of 20 accounts', x, server, token, query: pageOf(20), connections: x };
  });
  const probed = await probe(probes, effort);
  const common = { x: 'connections that ask without a pause' };
  const cost = linesOf(probed, 'constant', ({ cpu, requests }) => (cpu.server * 1e6) / requests);
  return [
    {
      ...common,
      name: 'connections-latency',
      title: 'Connections and latency',
      y: 'milliseconds',
      note: 'One request at a time on each connection: once the server is busy, each waits for all others.',
      lines: linesOf(probed, 'linear'),
    },
    {
      ...common,
      name: 'connections-cost',
      title: 'Connections and the cost of an answer',
      y: "microseconds of the server's processor time",
      note: 'What an answer costs must not depend on how many others wait.',
      lines: cost,
    },
  ];
}

const USER_FIELDS = 'nodes { id username email displayName active createdAt }';

/** A cursor in the middle of the list of users, or 10,000 rows into it. */
async function middleOf({ server, token, size }: Site): Promise<string> {
  let after = 'null';
  for (let page = 0; page < Math.min(50, size / 400); page += 1) {
    const query = `{ users(first: 200, after: ${after}) { nodes { id } pageInfo { endCursor } } }`;
    const { answer } = await ask(server.origin, query, token);
    const users = answer.data?.['users'] as { pageInfo: { endCursor: string } };
    after = JSON.stringify(users.pageInfo.endCursor);
  }
  return after;
}

/** Part of the name of one user, who is the only one of that name. */
async function needleIn(effort: Effort, { database, size }: Site): Promise<{ id: string; name: string }> {
  return connected(urlOf(effort.postgres, database), async (client) => {
    const { rows } = await client.query<{ id: string; username: string }>(
      `select id, username from users where id = md5('u' || $1::text)::uuid`,
      [Math.floor(size * 0.7)],
    );
    return { id: rows[0]?.id ?? '', name: rows[0]?.username.split('.').slice(0, 2).join('.') ?? '' };
  });
}

/** Pages, a search and one row, in tables of a thousand to a million users. */
export async function usersCurve(effort: Effort, sites: readonly Site[]): Promise<Curve> {
  const probes: Probe[] = [];
  for (const site of sites) {
    const { size: x, server, token } = site;
    const { id, name } = await needleIn(effort, site);
    const list = (given: string): string => `{ users(first: 20${given}) { ${USER_FIELDS} } }`;
    probes.push(
      { line: 'first page of 20', x, server, token, query: list('') },
      { line: 'page of 20 in the middle', x, server, token, query: list(`, after: ${await middleOf(site)}`) },
      { line: 'search that finds one', x, server, token, query: list(`, filter: { search: "${name}" }`) },
      { line: 'one user', x, server, token, query: `{ user(id: "${id}") { id username email } }` },
    );
  }
  return {
    name: 'users',
    title: 'Users in the table',
    x: 'users, in a tenth as many accounts',
    y: 'milliseconds',
    note: 'One connection, as ADMIN; the middle is half the table, or 10,000 rows.',
    lines: linesOf(await probe(probes, effort), 'constant'),
  };
}

/** Users, their accounts, the users of those … down to a level; so many objects are in the answer. */
function nested(level: number): { query: string; objects: number } {
  let [query, objects] = ['', 0];
  for (let at = level; at >= 1; at -= 1) {
    const isUsers = at % 2 === 1;
    query = isUsers ? `users(first: 2) { nodes { id username ${query} } }` : `account { id name ${query} }`;
    objects = isUsers ? 2 * (1 + objects) : 1 + objects;
  }
  return { query: `{ ${query} }`, objects };
}

/** 1 to 6 levels of users and accounts within each other. */
export async function nestingCurve(effort: Effort, { server, token }: Site): Promise<Curve> {
  const probes = [1, 2, 3, 4, 5, 6].map((level): Probe => {
    const { query, objects } = nested(level);
    return { line: 'users, their accounts, the users of those …', x: objects, server, token, query };
  });
  return {
    name: 'nesting',
    title: 'Nesting, 1 to 6 levels',
    x: 'objects in the answer',
    y: 'milliseconds',
    note: 'One connection, as ADMIN; each level is one statement more, and has the objects of the one before.',
    lines: linesOf(await probe(probes, effort), 'linear'),
  };
}

/** Measures the first request after a change of roles, which reads the role graph again. */
async function afterChange(effort: Effort, { database, server, token, size }: Site): Promise<Point> {
  const ys: number[] = [];
  for (let round = 0; round < effort.rounds; round += 1) {
    await connected(urlOf(effort.postgres, database), (client) =>
      client.query('update access_version set version = version + 1, roles_version = roles_version + 1'),
    );
    await sleep(1_000);
    const started = performance.now();
    await ask(server.origin, '{ me { id } }', token);
    ys.push(performance.now() - started);
  }
  return { x: size, ys };
}

function fillRoles(url: string, count: number): Promise<void> {
  return generateRoles(url, count, 'admin');
}

/** 10 to 10,000 roles beside the built-in ones. */
export function rolesCurve(effort: Effort, sizes: readonly number[]): Promise<Curve> {
  return onSites(effort, sizes, fillRoles, async (sites) => {
    const probes = sites.flatMap(({ size: x, server, token }): Probe[] => [
      { line: 'own roles', x, server, token, query: '{ me { id roles } }' },
      { line: 'a page of 20 roles', x, server, token, query: '{ roles(first: 20) { nodes { name description } } }' },
    ]);
    const probed = await probe(probes, effort);
    const points: Point[] = [];
    for (const site of sites) {
      points.push(await afterChange(effort, site));
    }
    return {
      name: 'roles',
      title: 'Roles',
      x: 'roles that were added at run time',
      y: 'milliseconds',
      note: 'One connection, as ADMIN with one of the added roles. The graph of roles is read once a change of roles.',
      lines: [
        ...linesOf(probed, 'constant'),
        { name: 'first request after a change of roles', expected: 'linear', points },
      ],
    };
  });
}
