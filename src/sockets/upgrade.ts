import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { endSocket } from '../http/responses.ts';

/** When a client that was turned away may come back, in seconds. */
const RETRY_AFTER = 5;

/** Reports if a request asks to become a WebSocket, where there is one. Any other upgrade is declined by a response. */
export function isLiveUpgrade({ method, url = '', headers }: IncomingMessage): boolean {
  const path = url.split('?', 1)[0];
  return method === 'GET' && path === '/graphql' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Refuses to upgrade, as HTTP. No parser reads this socket any more: what the client still sends is dropped. */
export function refuseUpgrade(socket: Duplex, status: 403 | 429 | 503, message: string): void {
  socket.resume();
  endSocket(socket, { status, message, headers: status === 403 ? [] : [`retry-after: ${RETRY_AFTER}`] });
}
