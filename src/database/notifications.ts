import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { CHANNEL } from './announcer.ts';
import type { EmbeddedOrm } from './orm.ts';
import { within } from '../lib/deadline.ts';

/** The interval of the heartbeat that tests notifications, and the time that one may take, in milliseconds. */
const BEAT_INTERVAL = 5_000;
const TIMEOUT_MS = 3_000;
/** The delay before a lost connection is opened again, in milliseconds: at first, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** In its pipeline mode the driver gives up a connection that does not answer. */
const SETTINGS = { connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS, keepAlive: true, pipeline: true };

/** The listener of notifications. */
export interface NotificationListener {
  /** Called when events were committed. */
  readonly onCommit: () => void;
  /** Called when notifications arrive from now on. */
  readonly onUp: () => void;
  /** Called for each attempt that fails: events may be missed until `onUp`. */
  readonly onDown: (error: unknown) => void;
}

/** Ends the listening. */
export type StopListening = () => Promise<void>;

/** Starts to listen. Resolves after the first attempt; further attempts follow until one succeeds. */
export type Listen = (listener: NotificationListener) => Promise<StopListening>;

/** Listens to this process, the only one of an embedded database, until its engine fails. */
export function listenEmbedded({ embedded, notified }: Pick<EmbeddedOrm, 'embedded' | 'notified'>): Listen {
  return async ({ onCommit, onUp, onDown }) => {
    notified.add(onCommit);
    const stopFollowing = embedded.onChange((change) => (change.isUp ? onUp() : onDown(change.reason)));
    onUp();
    return async () => {
      notified.delete(onCommit);
      stopFollowing();
    };
  };
}

/**
 * Listens on a connection of its own to the server.
 *
 * @param notifyUrl where transactions notify: the heartbeat is sent from there
 */
export function listenToServer(url: string, notifyUrl: string): Listen {
  return async (listener) => {
    const stopped = new AbortController();
    const first = Promise.withResolvers<void>();
    const settled: NotificationListener = {
      ...listener,
      onUp: () => first.resolve(listener.onUp()),
      onDown: (error) => first.resolve(listener.onDown(error)),
    };
    const running = keepListening({ url, notifyUrl }, settled, stopped.signal);
    await first.promise;
    return () => {
      stopped.abort();
      return running;
    };
  };
}

/** The database's URLs: where notifications are listened to, and where transactions send them. */
interface Ends {
  readonly url: string;
  readonly notifyUrl: string;
}

async function keepListening(ends: Ends, listener: NotificationListener, stopped: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE;
  const onUp = (): void => {
    pause = FIRST_PAUSE;
    listener.onUp();
  };
  while (!stopped.aborted) {
    const error = await listenOnce(ends, { ...listener, onUp }, stopped);
    if (error !== null) {
      listener.onDown(error);
      await sleep(pause, stopped);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
}

/** Listens until the connection is lost or does not deliver any more. Returns the error; null if it was stopped. */
async function listenOnce(ends: Ends, listener: NotificationListener, stopped: AbortSignal): Promise<unknown> {
  const client = new Client({ connectionString: ends.url, ...SETTINGS });
  const sender = new Client({ connectionString: ends.notifyUrl, ...SETTINGS });
  const lost = new AbortController();
  for (const one of [client, sender]) {
    one.on('error', (error) => lost.abort(error)).on('end', () => lost.abort(new Error('The connection has ended')));
  }
  const over = AbortSignal.any([stopped, lost.signal]);
  try {
    await Promise.all([client.connect(), sender.connect()]);
    const heartbeat = createHeartbeat(client, sender, listener.onCommit);
    await client.query(`listen ${CHANNEL}`);
    await heartbeat();
    listener.onUp();
    while (!over.aborted) {
      await sleep(BEAT_INTERVAL, over);
      await (over.aborted ? null : heartbeat());
    }
    return stopped.aborted ? null : over.reason;
  } catch (error) {
    return stopped.aborted ? null : error;
  } finally {
    await Promise.all([endOf(client), endOf(sender)]);
  }
}

/** Ends the connection; one that does not answer is left to the operating system. */
async function endOf(client: Client): Promise<void> {
  const ending = client.end().catch(() => undefined);
  await within(ending, TIMEOUT_MS, () => undefined);
}

/**
 * Sends a notification from another connection and waits for it. That finds a connection that died silently, a pooler
 * that takes `listen` for any other statement, and a listener on another database than the one that is written to. From
 * the connection that listens it would prove nothing: a pooler keeps a quiet client on one connection of its own.
 */
function createHeartbeat(client: Client, sender: Client, onCommit: () => void): () => Promise<void> {
  const mine = `beat ${randomUUID()}`;
  let heard: (() => void) | null = null;
  client.on('notification', ({ payload = '' }) => {
    if (payload === mine) {
      heard?.();
    } else if (!payload.startsWith('beat ')) {
      onCommit();
    }
  });
  return async () => {
    const echo = Promise.withResolvers<void>();
    heard = echo.resolve;
    const silence = new Error('Notifications do not arrive: LISTEN needs a direct connection (DATABASE_LISTEN_URL)');
    const timer = setTimeout(() => echo.reject(silence), TIMEOUT_MS);
    try {
      await Promise.all([sender.query('select pg_notify($1, $2)', [CHANNEL, mine]), echo.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Waits for the given milliseconds, or until it is stopped. */
function sleep(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      stopped.removeEventListener('abort', done);
      resolve();
    }
    stopped.addEventListener('abort', done);
  });
}
