/**
 * Many clients, in a process of its own: each sends the same request on its own connection, again as soon as it is
 * answered, whatever the answer. Takes a {@link Crowd} as JSON, and prints a {@link Outcome} as JSON.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './statistics.ts';

export interface Crowd {
  readonly port: number;
  readonly query: string;
  readonly connections: number;
  readonly warmUp: number;
  readonly seconds: number;
  /** The wait after a refusal, in seconds. */
  readonly patience: number;
}

/** Times in milliseconds. */
export interface Outcome {
  readonly accepted: number;
  readonly refused: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly acceptedP50: number;
  readonly acceptedP99: number;
  readonly refusedP50: number;
  readonly refusedP99: number;
}

const crowd = JSON.parse(process.argv[2] ?? '') as Crowd;
const body = JSON.stringify({ query: crowd.query });
const request = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const times = { accepted: [] as number[], refused: [] as number[] };
let [failed, isCounting, isOver] = [0, false, false];

/** Reads one response with a length from what has arrived. Returns its status, or null while it is not complete. */
function statusOf(text: string): number | null {
  const end = text.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return end < 0 || Buffer.byteLength(text) < end + 4 + length ? null : Number(text.slice(9, 12));
}

function open(): void {
  const socket: Socket = connect(crowd.port, '127.0.0.1');
  let [text, since] = ['', 0];
  const send = (): void => {
    if (!isOver) {
      [text, since] = ['', performance.now()];
      socket.write(request);
    }
  };
  socket.setNoDelay().setEncoding('utf8');
  socket.on('connect', send);
  socket.on('data', (part: string) => {
    text += part;
    const status = statusOf(text);
    if (status !== null) {
      const isRefused = status === 503;
      if (isCounting) {
        times[isRefused ? 'refused' : 'accepted'].push(performance.now() - since);
        failed += isRefused || status === 200 ? 0 : 1;
      }
      if (isRefused && crowd.patience > 0) {
        setTimeout(send, crowd.patience * 1_000);
      } else {
        send();
      }
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    failed += isCounting && !isOver ? 1 : 0;
    if (!isOver) {
      setTimeout(open, 100);
    }
  });
}

for (let opened = 0; opened < crowd.connections; opened += 100) {
  Array.from({ length: Math.min(100, crowd.connections - opened) }, open);
  await sleep(5);
}
await sleep(crowd.warmUp * 1_000);
isCounting = true;
const started = performance.now();
await sleep(crowd.seconds * 1_000);
isCounting = false;
const seconds = (performance.now() - started) / 1_000;
isOver = true;
const at = (values: number[], share: number): number => (values.length === 0 ? 0 : quantile(values, share));
Object.values(times).forEach((values) => values.sort((a, b) => a - b));
const outcome: Outcome = {
  accepted: times.accepted.length,
  refused: times.refused.length,
  failed,
  perSecond: times.accepted.length / seconds,
  acceptedP50: at(times.accepted, 0.5),
  acceptedP99: at(times.accepted, 0.99),
  refusedP50: at(times.refused, 0.5),
  refusedP99: at(times.refused, 0.99),
};
process.stdout.write(JSON.stringify(outcome), () => process.exit());
