import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import proxyAddr from '@fastify/proxy-addr';
import { errorBody, httpError } from '../http/responses.ts';

/** When a client that was turned away may come back, in seconds. */
const RETRY_AFTER = 5;

/** Whether the request asks to become a WebSocket, where there is one. Any other upgrade is declined by an answer. */
export function isLiveUpgrade({ method, url = '', headers }: IncomingMessage): boolean {
  const path = url.split('?', 1)[0];
  return method === 'GET' && path === '/graphql' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Refuses to upgrade, as HTTP. */
export function refuseUpgrade(socket: Duplex, status: 403 | 429 | 503, message: string): void {
  const body = errorBody(httpError(status, message));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...(status === 403 ? [] : [`retry-after: ${RETRY_AFTER}`]),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Tells where a request comes from; of proxies these are believed, as Fastify believes them. */
export function createAddressOf(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trust = trustedProxies.length === 0 ? () => false : proxyAddr.compile([...trustedProxies]);
  return (request) => proxyAddr(request, trust);
}
