import type { Measured } from '../load.ts';
import type { Line } from './growth.ts';
import { measure } from './measure.ts';
import type { Postgres } from './postgres.ts';
import type { Server } from './server.ts';

/** One thing to ask over and over. */
export interface Probe {
  /** The line that it is a point of, and where. */
  readonly line: string;
  readonly x: number;
  readonly server: Server;
  readonly token: string;
  readonly query: string;
  /** A run without the load, as the baseline. */
  readonly connections?: number;
}

/** The duration and the number of rounds. */
export interface Effort {
  readonly postgres: Postgres;
  readonly rounds: number;
  readonly seconds: number;
  readonly say: (text: string) => void;
}

/** The results of a probe, round by round. */
export interface Probed extends Probe {
  readonly measured: readonly Measured[];
}

/** Tries all of them in turn, round after round. */
export async function probe(probes: readonly Probe[], { postgres, rounds, seconds, say }: Effort): Promise<Probed[]> {
  const results = probes.map((one) => ({ ...one, measured: [] as Measured[] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { line, x, server, token, query, connections = 1, measured } of results) {
      const url = `${server.origin}/graphql`;
      const enough = Math.max(seconds, connections / 64); // each connection is to be answered often
      const pids = { server: server.pid, postgres: postgres.pid };
      const done = await measure({
        url,
        token,
        queries: [query],
        connections,
        seconds: enough,
        warmUp: Math.min(1, seconds),
        pids,
      });
      measured.push(done);
      say(`round ${round} of ${rounds}: ${line}, ${x}: ${done.p50.toFixed(2)} ms, ${done.perSecond.toFixed(0)}/s`);
    }
  }
  return results;
}

/** The lines that the probes' results make, of the figure that is picked. */
export function linesOf(
  probed: readonly Probed[],
  expected: Line['expected'],
  figure: (measured: Measured) => number = ({ p50 }) => p50,
): Line[] {
  const byLine = Map.groupBy(probed, ({ line }) => line);
  return [...byLine].map(([name, points]) => ({
    name,
    expected,
    points: points.map(({ x, measured }) => ({ x, ys: measured.map(figure) })),
  }));
}
