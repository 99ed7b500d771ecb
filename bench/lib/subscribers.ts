/**
 * Subscribers, in a process of their own: opens a connection for each, causes events one after the other, and takes the
 * time until each subscriber has an event. Takes {@link Subscribers} as JSON, and prints {@link Received} as JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { cpuOf } from './cpu.ts';
import { quantile } from './statistics.ts';

export interface Subscribers {
  readonly origin: string;
  readonly pid: number;
  readonly count: number;
  /** Taken in turn by the subscribers. */
  readonly tokens: readonly string[];
  readonly query: string;
  /** The request that causes an event, and the token that it is sent with. */
  readonly cause: object;
  readonly causeToken: string;
  readonly events: number;
}

/** Times from the request that caused an event, in milliseconds, of each event. */
export interface Received {
  readonly p50: readonly number[];
  readonly last: readonly number[];
  /** Until the request itself was answered. */
  readonly answered: readonly number[];
  /** Microseconds of the server's processor time for each event that a subscriber received. */
  readonly cpu: number;
}

/** The connections from one address: a server may limit them. */
const PER_ADDRESS = 50;
/** The connections that are opened at a time. */
const AT_ONCE = 25;

const subscribers = JSON.parse(process.argv[2] ?? '') as Subscribers;
let times: number[] = [];
let [since, wake] = [0, (): void => undefined];

async function open(number: number): Promise<void> {
  const url = `${subscribers.origin.replace('http', 'ws')}/graphql`;
  const localAddress = `127.0.0.${2 + Math.floor(number / PER_ADDRESS)}`;
  const socket = new WebSocket(url, 'graphql-transport-ws', { localAddress, perMessageDeflate: false });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on('error', reject);
  socket.on('close', (code) => reject(new Error(`A subscriber was closed: ${code}`)));
  socket.on('open', () => {
    const token = subscribers.tokens[number % subscribers.tokens.length];
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  });
  socket.on('message', (data: Buffer) => {
    const text = data.toString('latin1');
    if (text.includes('"type":"next"')) {
      times.push(performance.now() - since);
      if (!text.includes('"kind":"UPDATED"')) {
        throw new Error(`A subscriber received something else: ${text}`);
      }
      if (times.length === subscribers.count) {
        wake();
      }
    } else if (text.includes('"connection_ack"')) {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscribers.query } }));
      resolve();
    } else if (text.includes('"type":"error"')) {
      throw new Error(`A subscriber was refused: ${text}`);
    } else if (text.includes('"ping"')) {
      socket.send('{"type":"pong"}');
    }
  });
  await promise;
}

async function cause(): Promise<number> {
  const response = await fetch(`${subscribers.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${subscribers.causeToken}` },
    body: JSON.stringify(subscribers.cause),
  });
  const body = await response.text();
  if (body.includes('"errors"')) {
    throw new Error(`No event was caused: ${body}`);
  }
  return performance.now() - since;
}

/** Causes an event, and waits until all have received it. */
async function tell(): Promise<{ readonly sorted: number[]; readonly answered: number }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  wake = resolve;
  times = [];
  since = performance.now();
  const [answered] = await Promise.all([cause(), promise]);
  return { sorted: times.toSorted((a, b) => a - b), answered };
}

for (let opened = 0; opened < subscribers.count; opened += AT_ONCE) {
  const size = Math.min(AT_ONCE, subscribers.count - opened);
  await Promise.all(Array.from({ length: size }, (_, at) => open(opened + at)));
}
await sleep(1_000);
for (let warmUp = 0; warmUp < 10; warmUp += 1) {
  await tell();
}
const [p50, last, answered]: [number[], number[], number[]] = [[], [], []];
let cpu = 0;
for (let event = 0; event < subscribers.events; event += 1) {
  await sleep(200);
  const before = cpuOf(subscribers.pid);
  const told = await tell();
  cpu += cpuOf(subscribers.pid) - before;
  p50.push(quantile(told.sorted, 0.5));
  last.push(told.sorted.at(-1) ?? Number.NaN);
  answered.push(told.answered);
}
const received: Received = { p50, last, answered, cpu: (cpu * 1e6) / (subscribers.events * subscribers.count) };
process.stdout.write(JSON.stringify(received), () => process.exit());
