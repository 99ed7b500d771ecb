import { COMMON, ROLEGATE } from './lib/rolegate.ts';
import { MODEST, OWNER, type Postgres, urlOf } from './lib/postgres.ts';
import { type Server, startServer } from './lib/server.ts';

/** Whether the data is behind row level security. */
export type Wall = 'with' | 'without';

/** A server that answers the same question. */
export interface Contestant {
  /** As `--only` names it. */
  readonly name: string;
  readonly title: string;
  readonly file: Readonly<Record<Wall, string>>;
}

function peer(name: string, title: string): Contestant {
  return { name, title, file: { with: `peers/${name}.ts`, without: `peers/${name}.ts` } };
}

/** What all are compared with. */
export const LIMIT = 'bare';
export const SUBJECT = 'rolegate';

export const contestants: readonly Contestant[] = [
  { name: SUBJECT, title: 'Rolegate', file: { with: '../src/main.ts', without: 'rolegate-without-wall.ts' } },
  peer(LIMIT, 'a handler by hand: node:http, pg'),
  peer('mercurius', 'Mercurius, JIT, mercurius-auth'),
  peer('apollo-directive', 'Apollo Server, the textbook directive'),
  peer('apollo-shield', 'Apollo Server, graphql-shield'),
  peer('yoga', 'GraphQL Yoga, Envelop generic-auth'),
  peer('authz', 'Apollo Server, graphql-authz'),
];

/** Starts one of them on a database, as whom it should be: who owns nothing where a wall stands, or else the owner. */
export function start({ name, file }: Contestant, wall: Wall, databaseUrl: string): Promise<Server> {
  const own = name === SUBJECT ? ROLEGATE : COMMON;
  return startServer(file[wall], {
    ...own,
    DATABASE_URL: databaseUrl,
    ROW_LEVEL_SECURITY: String(wall === 'with'),
  });
}

export function databaseUrlFor(wall: Wall, postgres: Pick<Postgres, 'url'>, database: string): string {
  return urlOf(postgres, database, wall === 'with' ? MODEST : OWNER);
}
