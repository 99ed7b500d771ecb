import { COMMON, ROLEGATE } from './lib/rolegate.ts';
import { LEAST_PRIVILEGE, OWNER, type Postgres, urlOf } from './lib/postgres.ts';
import { type Server, startServer } from './lib/server.ts';

/** The database with its row-level security policies, or without them. */
export type Policies = 'with' | 'without';

/** A server that answers the same query. */
export interface Contestant {
  /** The name for `--only`. */
  readonly name: string;
  readonly title: string;
  readonly file: Readonly<Record<Policies, string>>;
}

function peer(name: string, title: string): Contestant {
  return { name, title, file: { with: `peers/${name}.ts`, without: `peers/${name}.ts` } };
}

/** The contestant that the others are compared with. */
export const LIMIT = 'bare';
export const SUBJECT = 'rolegate';

export const contestants: readonly Contestant[] = [
  { name: SUBJECT, title: 'Rolegate', file: { with: '../src/main.ts', without: 'rolegate-without-policies.ts' } },
  {
    name: 'rolegate-plugin',
    title: 'Rolegate, with a plugin that reads',
    file: { with: 'rolegate-with-plugin.ts', without: 'rolegate-with-plugin.ts' },
  },
  peer(LIMIT, 'a handler by hand: node:http, pg'),
  peer('mercurius', 'Mercurius, JIT, mercurius-auth'),
  peer('apollo-directive', 'Apollo Server, the textbook directive'),
  peer('apollo-shield', 'Apollo Server, graphql-shield'),
  peer('yoga', 'GraphQL Yoga, Envelop generic-auth'),
  peer('authz', 'Apollo Server, graphql-authz'),
];

/** Starts one of them on a database, as whom it should be: who owns nothing where a policies stands, or else the owner. */
export function start(
  { name, file }: Contestant,
  policies: Policies,
  databaseUrl: string,
  processor: number | null = null,
): Promise<Server> {
  const own = name.startsWith(SUBJECT) ? ROLEGATE : COMMON;
  const environment = { ...own, DATABASE_URL: databaseUrl, ROW_LEVEL_SECURITY: String(policies === 'with') };
  return startServer(file[policies], environment, processor);
}

export function databaseUrlFor(policies: Policies, postgres: Pick<Postgres, 'url'>, database: string): string {
  return urlOf(postgres, database, policies === 'with' ? LEAST_PRIVILEGE : OWNER);
}
