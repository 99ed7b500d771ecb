import { setTimeout as sleep } from 'node:timers/promises';
import { type Contestant, databaseUrlFor, LIMIT, start, SUBJECT, type Policies } from '../contestants.ts';
import type { Postgres } from './postgres.ts';
import { signIn } from './rolegate.ts';
import { ask, type Server } from './server.ts';
import { type Statement, listenIn } from './statements.ts';

/** Tokens of a viewer who may see accounts, and of one who may not. */
export interface Tokens {
  readonly developer: string;
  readonly standard: string;
}

/** Returns the query for a page of accounts. */
export function pageOf(rows: number): string {
  return `{ accounts(first: ${rows}) { nodes { id name status billingEmail createdAt updatedAt version } } }`;
}

/** A statement with its parameters in their places. */
function plain({ text, values }: Statement): string {
  return text.replaceAll(/\$(\d+)/g, (_, number: string) => {
    const value = values[Number(number) - 1] ?? null;
    return value !== null && /^\d+$/.test(value) ? value : `'${value}'`;
  });
}

/** The statements of one answer, however many messages they came in. Other work of the server may add to some of them. */
async function statementsOf(server: Server, token: string, heard: () => Statement[]): Promise<string[]> {
  const runs: string[][] = [];
  for (let time = 0; time < 5; time += 1) {
    await ask(server.origin, pageOf(20), token);
    await sleep(20);
    runs.push(heard().flatMap((statement) => plain(statement).split(/; ?/)));
  }
  return runs.slice(1).toSorted((a, b) => a.length - b.length)[0] ?? [];
}

/** Starts a contestant and records the statements that it sends to PostgreSQL. */
async function overhear(
  contestant: Contestant,
  policies: Policies,
  postgres: Postgres,
  database: string,
  token: string,
) {
  const listening = await listenIn(postgres.url);
  const server = await start(contestant, policies, listening.through(databaseUrlFor(policies, postgres, database)));
  try {
    return await statementsOf(server, token, listening.take);
  } finally {
    await server.stop();
    listening.close();
  }
}

/** Issues the tokens, by Rolegate, that every contestant accepts. */
export async function issueTokens(
  subject: Contestant,
  policies: Policies,
  postgres: Postgres,
  database: string,
): Promise<Tokens> {
  const server = await start(subject, policies, databaseUrlFor(policies, postgres, database));
  try {
    return {
      developer: await signIn(server.origin, 'developer'),
      standard: await signIn(server.origin, 'standard'),
    };
  } finally {
    await server.stop();
  }
}

/** The statements of each contestant for one page. */
export async function compareStatements(
  all: readonly Contestant[],
  policies: Policies,
  postgres: Postgres,
  database: string,
  token: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const contestant of all) {
    found.set(contestant.name, await overhear(contestant, policies, postgres, database, token));
  }
  return found;
}

/** Returns the data of an answer as text, for comparison. */
function shown(data: Record<string, unknown> | null | undefined): string {
  return JSON.stringify(data ?? null);
}

async function requireRefusal(name: string, server: Server, token?: string): Promise<void> {
  const { body, answer } = await ask(server.origin, pageOf(20), token);
  const accounts = answer.data?.['accounts'] as
    | { readonly nodes?: ({ billingEmail?: unknown } | null)[] | null }
    | null
    | undefined;
  const seen = accounts?.nodes?.some((node) => typeof node?.billingEmail === 'string') === true;
  if (seen || answer.errors === undefined) {
    throw new Error(`${name} does not refuse ${token === undefined ? 'strangers' : 'other roles'}: ${body}`);
  }
}

/**
 * Looks whether all answer alike: the same data, in the same order; the handler by hand the same bytes as Rolegate. And
 * whether each refuses those without the role.
 */
export async function requireSameAnswers(
  servers: ReadonlyMap<string, Server>,
  { developer, standard }: Tokens,
  pages: readonly number[],
): Promise<void> {
  for (const rows of pages) {
    const answers = new Map<string, { body: string; data: string }>();
    for (const [name, server] of servers) {
      const { body, answer } = await ask(server.origin, pageOf(rows), developer);
      const nodes = (answer.data?.['accounts'] as { nodes: unknown[] } | null | undefined)?.nodes.length;
      if (answer.errors !== undefined || nodes !== rows) {
        throw new Error(`${name} does not answer with ${rows} accounts: ${body.slice(0, 1_000)}`);
      }
      answers.set(name, { body: body.trim(), data: shown(answer.data) });
    }
    const [[first, expected] = ['', { body: '', data: '' }], ...others] = answers;
    const different = others.find(([, { data }]) => data !== expected.data);
    if (different !== undefined) {
      throw new Error(`${first} and ${different[0]} answer differently:\n${expected.data}\n${different[1].data}`);
    }
    const [subject, limit] = [answers.get(SUBJECT), answers.get(LIMIT)];
    if (subject && limit && subject.body !== limit.body) {
      throw new Error(`The bytes differ:\n${subject.body}\n${limit.body}`);
    }
  }
  for (const [name, server] of servers) {
    await requireRefusal(name, server);
    await requireRefusal(name, server, standard);
  }
}
