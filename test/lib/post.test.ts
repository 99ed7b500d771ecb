import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createAddressCheck } from '../../src/lib/network.ts';
import { createPost, type LookUp } from '../../src/lib/post.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';

/** The addresses of names, instead of the system's. */
const names = new Map<string, string[][]>();
const lookups: string[] = [];

const lookUp: LookUp = (host, _options, callback) => {
  lookups.push(host);
  const answers = names.get(host) ?? [];
  const addresses = answers.length > 1 ? answers.shift() : answers[0];
  const found = addresses?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const error = found === undefined ? Object.assign(new Error('none'), { code: 'ENOTFOUND' }) : null;
  process.nextTick(() => callback(error, found));
};

const LOOPBACK = ['127.0.0.0/8'];
const allowed = createPost(createAddressCheck(LOOPBACK), { timeoutMs: 1_000, lookUp });
const strict = createPost(createAddressCheck([]), { timeoutMs: 1_000, lookUp });

let requests: number;
beforeEach(() => {
  requests = 0;
  names.clear();
  lookups.length = 0;
});
afterEach(() => setDefaultCACertificates(getCACertificates('bundled')));

const answer: RequestListener = (_request, response) => {
  requests += 1;
  response.writeHead(202, { 'retry-after': '999999' }).end();
};

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener = answer): Promise<number> => listen(createHttpServer(listener));

describe('a request', () => {
  it.each([
    'https://127.0.0.1:PORT/',
    'https://[::1]:PORT/',
    'https://[::ffff:127.0.0.1]:PORT/',
    'https://2130706433:PORT/',
    'https://0x7f.1:PORT/',
    'http://127.0.0.1:PORT/',
    'https://inside.example:PORT/',
    'https://six.example:PORT/',
  ])('a request to %s is not sent', async (url) => {
    const port = await serve();
    names.set('inside.example', [['10.0.0.1', '127.0.0.1']]);
    names.set('six.example', [['::ffff:127.0.0.1', 'fe80::1']]);
    expect(await strict(url.replace('PORT', String(port)), {}, '{}')).toMatchObject({ failure: 'ADDRESS' });
    expect(requests).toBe(0);
  });

  it('a request goes to the address that was checked: the name is looked up once', async () => {
    const port = await serve();
    names.set('rebound.example', [['10.255.255.1', '127.0.0.1'], ['10.255.255.1']]);
    expect(await allowed(`http://rebound.example:${port}/`, {}, '{}')).toEqual({
      status: 202,
      failure: null,
      retryAfter: 3_600,
    });
    expect([lookups, requests]).toEqual([['rebound.example'], 1]);
    expect(await allowed(`http://rebound.example:${port}/`, {}, '{}')).toMatchObject({ failure: 'ADDRESS' });
  });

  it('a request without TLS goes to networks of the operator only', async () => {
    names.set('public.example', [['8.8.8.8']]);
    expect(await allowed('http://public.example/', {}, '{}')).toMatchObject({ failure: 'ADDRESS' });
  });

  it('a request over TLS needs a certificate that is valid for the name', async () => {
    const port = await listen(createServer(TEST_CERTIFICATE, answer));
    names.set('other.example', [['127.0.0.1']]);
    expect(await allowed(`https://127.0.0.1:${port}/`, {}, '{}')).toMatchObject({ status: null, failure: 'TLS' });
    setDefaultCACertificates([TEST_CERTIFICATE.cert]);
    expect(await allowed(`https://127.0.0.1:${port}/`, {}, '{}')).toMatchObject({ status: 202, failure: null });
    expect(await allowed(`https://other.example:${port}/`, {}, '{}')).toMatchObject({ failure: 'TLS' });
    expect(requests).toBe(1);
  });

  it.each<[string, RequestListener, object]>([
    ['no answer', () => undefined, { status: null, failure: 'TIMEOUT' }],
    ['a closed connection', (request) => request.socket.destroy(), { failure: 'CONNECTION' }],
    ['a redirect', (_, response) => response.writeHead(301, { location: '/x' }).end(), { failure: 'REDIRECT' }],
    ['an error', (_, response) => response.writeHead(500).end(), { status: 500, failure: 'STATUS' }],
    [
      'headers without an end',
      (_, response) => response.writeHead(200, { x: 'y'.repeat(20_000) }).end(),
      { failure: 'CONNECTION' },
    ],
    [
      'a body without an end',
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'.repeat(9_000)), 5);
        response.on('close', () => clearInterval(timer));
      },
      { status: 200, failure: null },
    ],
  ])('a request ends with %s', async (_, listener, expected) => {
    const port = await serve(listener);
    expect(await allowed(`http://127.0.0.1:${port}/`, {}, '{}')).toMatchObject(expected);
  });

  it('a request fails by name and by port', async () => {
    expect(await allowed('https://nowhere.example/', {}, '{}')).toMatchObject({ failure: 'NAME' });
    expect(await allowed('http://127.0.0.1:1/', {}, '{}')).toMatchObject({ failure: 'CONNECTION' });
  });
});
