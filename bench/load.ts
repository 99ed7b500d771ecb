/**
 * The load generator, in a process of its own: sends the same requests over and over, first to warm up, then for the record.
 * Takes a {@link Load} as JSON, and prints a {@link Measured} as JSON.
 */
import autocannon from 'autocannon';
import { cpuOf } from './lib/cpu.ts';
import { quantile } from './lib/statistics.ts';

/** An operation with a name and variables. */
export interface GraphQLOperation {
  readonly query: string;
  readonly operationName: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The requests to send, and for how long. */
export interface Load {
  readonly url: string;
  readonly token: string;
  /** Asked in turn on each connection; the connections begin at different places if they are spread. */
  readonly queries: readonly (string | GraphQLOperation)[];
  readonly spread?: boolean;
  readonly connections: number;
  readonly seconds: number;
  /** The number of requests, instead of a duration. */
  readonly amount?: number;
  readonly warmUp: number;
  /** The processes whose use of the processors is measured besides. */
  readonly pids: { readonly server: number; readonly postgres: number | null };
}

/** The measurements: times in milliseconds, processor time in seconds. */
export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: { readonly load: number; readonly server: number; readonly postgres: number | null };
}

function send(load: Load, seconds: number): Promise<{ result: autocannon.Result; times: number[] }> {
  const times: number[] = [];
  const requests = load.queries.map((query) => ({
    body: JSON.stringify(typeof query === 'string' ? { query } : query),
  }));
  let clients = 0;
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: load.url,
        method: 'POST',
        headers: { authorization: `Bearer ${load.token}`, 'content-type': 'application/json' },
        requests,
        ...(load.spread === true && {
          setupClient: (client: autocannon.Client) => {
            const at = Math.floor((clients++ % load.connections) * (requests.length / load.connections));
            client.setRequests([...requests.slice(at), ...requests.slice(0, at)]);
          },
        }),
        connections: load.connections,
        ...(load.amount === undefined ? { duration: seconds } : { amount: load.amount }),
      },
      (error: Error | null, result) => (error === null ? resolve({ result, times }) : reject(error)),
    );
    instance.on('response', (_client, _status, _bytes, time) => times.push(time));
  });
}

function spent({ pids }: Load): Measured['cpu'] {
  const { user, system } = process.cpuUsage();
  return {
    load: (user + system) / 1e6,
    server: cpuOf(pids.server),
    postgres: pids.postgres === null ? null : cpuOf(pids.postgres),
  };
}

async function measure(load: Load): Promise<Measured> {
  if (load.warmUp > 0) {
    await send(load, load.warmUp);
  }
  const [before, started] = [spent(load), performance.now()];
  const { result, times } = await send(load, load.seconds);
  const [after, seconds] = [spent(load), (performance.now() - started) / 1_000];
  const failures = result.errors + result.timeouts + result.non2xx;
  if (failures > 0 || times.length === 0) {
    const kinds = `${result.non2xx} refused, ${result.errors} broken, ${result.timeouts} without an answer`;
    throw new Error(`${failures} requests failed, ${times.length} did not: ${kinds}`);
  }
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    seconds,
    perSecond: times.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    cpu: {
      load: after.load - before.load,
      server: after.server - before.server,
      postgres: after.postgres === null ? null : after.postgres - (before.postgres ?? 0),
    },
  };
}

process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '') as Load)));
process.exit(); // autocannon keeps a timer
