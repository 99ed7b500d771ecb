import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FormattedExecutionResult } from 'graphql';
import type { Headers } from './signed-in.ts';

const REPLICA = fileURLToPath(new URL('./replica.ts', import.meta.url));
const SECRET = 'only-the-tests-sign-with-this-9f8e7d6c5b4a';

/** The answer of a replica; null if the replica or the connection died. */
export interface ReplicaAnswer {
  readonly status: number;
  readonly body: FormattedExecutionResult<Record<string, Record<string, string> | boolean | null>>;
}

/** A server in a process of its own. */
export interface Replica {
  readonly post: (query: string, variables?: object, headers?: Headers) => Promise<ReplicaAnswer>;
  /** Kills it as a power cut would: no request finishes, and no message is sent. */
  readonly kill: () => Promise<void>;
}

async function addressOf(child: ChildProcess): Promise<string> {
  const [address] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`A replica ended with ${String(code)} before it listened`);
    }),
  ]);
  return String(address);
}

/** Starts a replica on the database. */
export async function startReplica(databaseUrl: string, environment: Record<string, string> = {}): Promise<Replica> {
  const child = fork(REPLICA, {
    env: {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: databaseUrl,
      JWT_SECRET: SECRET,
      JWT_ISSUER: 'https://api.example.com',
      JWT_AUDIENCE: 'https://api.example.com/graphql',
      ...environment,
    },
    execArgv: [],
  });
  const address = await addressOf(child);
  return {
    async post(query, variables = {}, headers = {}) {
      const response = await fetch(`${address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, body: (await response.json()) as ReplicaAnswer['body'] };
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
    },
  };
}
