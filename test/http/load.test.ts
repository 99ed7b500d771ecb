import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LoadLimit, type LoadLimits } from '../../src/http/load.ts';
import { startToyServer } from '../support/toy-server.ts';

const stays = (): boolean => false;

function limitOf(limits: LoadLimits): LoadLimit {
  const load = new LoadLimit(limits);
  onTestFinished(() => load.close());
  return load;
}

/** Work that goes on until it is told to end. */
function startWork(load: LoadLimit, isGone = stays) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const state = { started: false, error: null as unknown };
  const done = load
    .run(async () => {
      state.started = true;
      await promise;
    }, isGone)
    .catch((error: unknown) => {
      state.error = error;
    });
  return { state, end: resolve, done };
}

const BUSY = { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 };

describe('load', () => {
  it('lets some requests run, some wait for their turn, and turns the others away at once', async () => {
    const load = limitOf({ running: 2, waiting: 2 });
    const all = Array.from({ length: 6 }, () => startWork(load));
    await sleep(1);
    expect(all.map(({ state }) => state.started)).toEqual([true, true, false, false, false, false]);
    expect(all.map(({ state }) => state.error !== null)).toEqual([false, false, false, false, true, true]);
    expect(all[4]?.state.error).toMatchObject(BUSY);
    expect(load.isFull).toBe(true);
    all[1]?.end();
    await sleep(1);
    expect(all.map(({ state }) => state.started)).toEqual([true, true, true, false, false, false]);
    all.forEach(({ end }) => end());
    await Promise.all(all.map(({ done }) => done));
    expect(load.isFull).toBe(false);
  });

  it('does not begin with the work of a client that has left', async () => {
    const load = limitOf({ running: 1, waiting: 5 });
    const first = startWork(load);
    const [gone, next] = [startWork(load, () => true), startWork(load)];
    first.end();
    await Promise.all([first.done, gone.done]);
    expect([gone.state.started, next.state.started]).toEqual([false, true]);
    next.end();
  });

  it('turns a request away whose turn does not come, and keeps the line short then', async () => {
    const load = limitOf({ running: 1, waiting: 100 });
    const stuck = startWork(load);
    const waiting = Array.from({ length: 100 }, () => startWork(load));
    await Promise.all(waiting.map(({ done }) => done));
    expect(waiting.map(({ state }) => state.error)).toEqual(waiting.map(() => expect.objectContaining(BUSY)));
    const again = Array.from({ length: 100 }, () => startWork(load));
    await sleep(1);
    expect(again.filter(({ state }) => state.error === null).length).toBeLessThan(60);
    stuck.end();
    again.forEach(({ end }) => end());
    await Promise.all(again.map(({ done }) => done));
  });

  it('runs fewer at a time while the event loop is late', async () => {
    const load = limitOf({ running: 40, waiting: 0 });
    const until = performance.now() + 2_500;
    while (performance.now() < until) {
      const block = performance.now() + 300;
      while (performance.now() < block) {
        // A computation that does not give way.
      }
      await sleep(1);
    }
    const all = Array.from({ length: 40 }, () => startWork(load));
    await sleep(0);
    const started = all.filter(({ state }) => state.started).length;
    expect(started).toBeLessThan(40);
    expect(started).toBeGreaterThanOrEqual(16);
    all.forEach(({ end }) => end());
    await sleep(3_000);
    const later = Array.from({ length: 40 }, () => startWork(load));
    await sleep(1);
    expect(later.every(({ state }) => state.started)).toBe(true);
    later.forEach(({ end }) => end());
  });

  it('holds refusals back when they do not end, and answers all of them', async () => {
    const load = limitOf({ running: 0, waiting: 0 });
    let answered = 0;
    Array.from({ length: 2_400 }, () => load.refuse(() => (answered += 1)));
    expect(answered).toBe(2_000);
    await expect.poll(() => answered, { timeout: 5_000 }).toBe(2_400);
  });
});

it('a burst waits for its turn, and is answered', async () => {
  const server = await startToyServer();
  const ask = () => server.query('{ hello }');
  const answers = await Promise.all(Array.from({ length: 1_000 }, ask));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

it('a request is turned away before its body is read, in the form of GraphQL, with all headers', async () => {
  const gate = Promise.withResolvers<object>();
  const config = { corsOrigins: ['https://app.example'] };
  const server = await startToyServer({ config, context: () => gate.promise, server: { mostInFlight: 1 } });
  const first = server.query('{ hello }');
  await sleep(20);
  const { status, headers, body } = await server.query('not even GraphQL', {}, { origin: 'https://app.example' });
  expect(status).toBe(503);
  expect(headers).toMatchObject({
    'retry-after': '1',
    'access-control-allow-origin': 'https://app.example',
    'cache-control': 'no-store',
    'x-request-id': expect.any(String),
  });
  expect(body).toEqual({
    errors: [{ message: 'The server is busy.', extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 } }],
  });
  gate.resolve({});
  expect((await first).status).toBe(200);
});
