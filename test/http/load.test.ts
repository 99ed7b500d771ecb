import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LoadLimit, type LoadLimits } from '../../src/http/load.ts';
import { startToyServer, type ToyOptions } from '../support/toy-server.ts';
import { type ErrorBody, get, HELLO, JSON_TYPE, post } from './toy-requests.ts';

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
  it('some requests run, some wait, and the others are refused at once', async () => {
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

  it('the work of a client that has left does not begin', async () => {
    const load = limitOf({ running: 1, waiting: 5 });
    const first = startWork(load);
    const [gone, next] = [startWork(load, () => true), startWork(load)];
    first.end();
    await Promise.all([first.done, gone.done]);
    expect([gone.state.started, next.state.started]).toEqual([false, true]);
    next.end();
  });

  it('a request that waits too long is refused, and the queue is short then', async () => {
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

  it('fewer requests run at a time while the event loop is late', async () => {
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

  it('very many refusals are slowed down, and each request gets an answer', async () => {
    const load = limitOf({ running: 0, waiting: 0 });
    let answered = 0;
    Array.from({ length: 2_400 }, () => load.refuse(() => (answered += 1)));
    expect(answered).toBe(2_000);
    await expect.poll(() => answered, { timeout: 5_000 }).toBe(2_400);
  });
});

it('the requests of a burst wait, and are answered', async () => {
  const server = await startToyServer();
  const ask = () => server.query('{ hello }');
  const answers = await Promise.all(Array.from({ length: 1_000 }, ask));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

it('a request is refused before its body is read, in the form of GraphQL, with all headers', async () => {
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

/** A server whose requests wait until they are let go. */
async function startWaiting(server: ToyOptions['server']) {
  const gate = Promise.withResolvers<object>();
  return { gate, server: await startToyServer({ context: () => gate.promise, ...(server && { server }) }) };
}

describe('a server under load', () => {
  it('requests beyond the limit are refused at once, and no others', async () => {
    const { gate, server } = await startWaiting({ mostInFlight: 2 });
    const body = JSON.stringify({ query: HELLO });
    const waiting = [post(server, body), post(server, body)];
    await setImmediate();
    const turnedAway = await post(server, body);
    expect(turnedAway).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
    expect(turnedAway.json<ErrorBody>().errors[0]?.extensions['code']).toBe('SERVICE_UNAVAILABLE');
    expect((await get(server, '/readyz')).statusCode).toBe(200);
    gate.resolve({});
    expect((await Promise.all(waiting)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect((await post(server, body)).statusCode).toBe(200);
  });

  it('a request counts until it is done, also when its client has left', async () => {
    const { gate, server } = await startWaiting({ mostInFlight: 1 });
    const url = await server.http.listen({ port: 0, host: '127.0.0.1' });
    const ask = async (signal: AbortSignal): Promise<number> => {
      const options = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ query: HELLO }), signal };
      return (await fetch(`${url}/graphql`, options)).status;
    };
    await expect(ask(AbortSignal.timeout(150))).rejects.toThrow('timeout');
    expect(await ask(AbortSignal.timeout(1_000))).toBe(503);
    gate.resolve({});
    await vi.waitFor(async () => expect(await ask(AbortSignal.timeout(1_000))).toBe(200));
  });

  it('a request that takes too long gets 503', async () => {
    const server = await startToyServer({
      context: () => new Promise<object>(() => undefined),
      server: { deadlineMs: 50 },
    });
    const answer = await post(server, JSON.stringify({ query: HELLO }));
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(answer.json<ErrorBody>().errors).toEqual([
      { message: 'The request took too long.', extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 5 } },
    ]);
  });
});
