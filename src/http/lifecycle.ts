import type { Server } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { within } from '../lib/deadline.ts';
import type { Connections } from './connections.ts';

/** The longest wait of a probe for what readiness depends on. */
const READY_TIMEOUT_MS = 2_000;

async function isReady(ready: () => Promise<boolean>): Promise<boolean> {
  try {
    return await within(ready(), READY_TIMEOUT_MS, () => false);
  } catch {
    // Whatever keeps the check from succeeding, the answer is the same: not ready.
    return false;
  }
}

/** The dependencies of {@link registerHealth}. */
export interface HealthOptions {
  /** Reports if requests can be served now. */
  readonly ready: () => Promise<boolean>;
  /** Aborted when the process is about to stop. */
  readonly stopping?: AbortSignal | undefined;
  readonly version: string;
}

/**
 * Serves `GET /livez` and `/healthz` (200 while the process runs, whatever the state of the database), `GET /readyz` (200
 * while the server can answer requests and is not about to stop, else 503) and `GET /version` (the release). None of these
 * responses may be cached.
 */
export function registerHealth(fastify: FastifyInstance, { ready, stopping, version }: HealthOptions): void {
  for (const path of ['/livez', '/healthz']) {
    fastify.get(path, async () => ({ status: 'ok' }));
  }
  fastify.get('/version', async () => ({ version }));
  fastify.get('/readyz', async (_request, reply) => {
    if (stopping?.aborted === true) {
      return reply.code(503).send({ status: 'stopping' });
    }
    const isUp = await isReady(ready);
    return reply.code(isUp ? 200 : 503).send({ status: isUp ? 'ready' : 'not ready' });
  });
}

/** The time for which a connection may stay without a complete request while the server closes. */
const SILENCE_MS = 1_000;
/** The time in which a client must read its last response then. */
const UNREAD_MS = 3_000;
const SWEEP_MS = 100;
/** A turn of the event loop that is shorter than this, in milliseconds, processed no request. */
const QUIET_TURN_MS = 0.1;
/** The longest wait for such a turn, in milliseconds. After it the server closes anyway. */
const LONGEST_WAIT_MS = 1_000;

/**
 * Ends connections while the server closes. From `stopping` on, a response is the last on its connection: Node would keep
 * it open for the client's next request. Then connections are ended on which nothing is being answered: those that
 * browsers open in advance, those whose request does not arrive in full, and those whose client does not read. Node
 * would wait for them, and has given up its own timeouts by then.
 *
 * Registered last, so that nothing else delays the moment at which the listener closes.
 */
export function registerClosing(fastify: FastifyInstance, connections: Connections, stopping?: AbortSignal): void {
  let isClosing = false;
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing || stopping?.aborted === true) {
      reply.header('connection', 'close');
    }
    done();
  });
  fastify.addHook('preClose', async () => {
    isClosing = true;
    const since = performance.now();
    const timer = setInterval(() => {
      if (performance.now() - since >= SILENCE_MS) {
        connections.closeWaiting();
      }
      connections.closeUnread(UNREAD_MS);
    }, SWEEP_MS).unref();
    fastify.server.once('close', () => clearInterval(timer));
    fastify.server.closeIdleConnections(); // now, so that the close below does nothing before it closes the listener
    await acceptedAll(fastify.server);
    fastify.server.close();
  });
}

/**
 * Resolves directly after a turn of the event loop that found no connection to accept, and had little else to do. Node accepts
 * one connection in a turn. The kernel resets those that it has established and the listener has not accepted, and a
 * proxy does not send their requests again; later ones it refuses, and a proxy then takes another server.
 */
async function acceptedAll(server: Server): Promise<void> {
  let accepted = 0;
  const count = (): void => void (accepted += 1);
  server.on('connection', count);
  await nextTurn(); // this turn has begun already
  const deadline = performance.now() + LONGEST_WAIT_MS;
  for (
    let since = performance.now(), before = accepted;
    since < deadline;
    since = performance.now(), before = accepted
  ) {
    await nextTurn();
    if (accepted === before && performance.now() - since < QUIET_TURN_MS) {
      break;
    }
  }
  server.off('connection', count);
}
