import { createDatabase, LEAST_PRIVILEGE, type Postgres, urlOf } from './postgres.ts';
import { ask, type Environment, startServer } from './server.ts';

/** The environment of every server, so that all accept the same tokens. */
export const COMMON: Environment = {
  NODE_ENV: 'production',
  JWT_SECRET: 'bench-only-9f8e7d6c5b4a39281706f5e4d3c2b1a0',
  JWT_ISSUER: 'https://bench.example.com',
  JWT_AUDIENCE: 'https://bench.example.com/graphql',
};

/** The environment of Rolegate. The other servers write no access log, so Rolegate writes none either. */
export const ROLEGATE: Environment = {
  ...COMMON,
  PORT: '0',
  LOG_LEVEL: 'warn',
  SHUTDOWN_DELAY_SECONDS: '0',
  // One viewer asks as often as it can.
  COST_PER_VIEWER: '0',
  COST_PER_ADDRESS: '0',
  ACCESS_TOKEN_MINUTES: String(24 * 60),
};

/** Lets Rolegate fill an empty database: tables, roles, and the demo's data. */
export async function seed(postgres: Postgres, database: string): Promise<void> {
  const server = await startServer('../src/main.ts', {
    ...ROLEGATE,
    NODE_ENV: 'development',
    DEMO_DATA: 'true',
    DATABASE_URL: urlOf(postgres, database, LEAST_PRIVILEGE),
    DATABASE_ADMIN_URL: urlOf(postgres, database),
  });
  await server.stop();
}

/** A token of one of the demo's users. */
export async function signIn(origin: string, user: string, password = `rolegate-demo-${user}`): Promise<string> {
  const { body, answer } = await ask(
    origin,
    `mutation { login(login: "${user}", password: "${password}") { accessToken } }`,
  );
  const signedIn = answer.data?.['login'] as { accessToken: string } | null | undefined;
  if (!signedIn) {
    throw new Error(`${user} cannot sign in: ${body}`);
  }
  return signedIn.accessToken;
}

/** A database with the demo's data. */
export interface Prepared<Made> {
  /** Its URL, for the login that owns nothing. */
  readonly url: string;
  /** A token of the demo's administrator. */
  readonly token: string;
  readonly made: Made;
}

/**
 * Creates a database with the demo's data, and does some work through a server that runs for so long.
 *
 * @param main is the program of the server, given from `bench/`
 */
export async function prepare<Made>(
  postgres: Postgres,
  database: string,
  main: string,
  work: (origin: string, token: string) => Promise<Made>,
): Promise<Prepared<Made>> {
  await createDatabase(postgres, database);
  await seed(postgres, database);
  const url = urlOf(postgres, database, LEAST_PRIVILEGE);
  const issuer = await startServer(main, { ...ROLEGATE, DATABASE_URL: url });
  try {
    const token = await signIn(issuer.origin, 'admin');
    return { url, token, made: await work(issuer.origin, token) };
  } finally {
    await issuer.stop();
  }
}
