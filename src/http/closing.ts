import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long a connection may say nothing while the server closes, in milliseconds. */
const SILENCE_MS = 1_000;

/**
 * Ends connections while the server closes: an answer that is sent then is the last on its connection. Node would keep
 * it open for the client's next request, and closing would wait for that until the keep-alive time is over. It would
 * also wait for connections that were opened and never used, as browsers do in advance: those are ended soon.
 */
export function registerClosing(fastify: FastifyInstance): void {
  const sockets = new Set<Socket>();
  let isClosing = false;
  fastify.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  fastify.addHook('preClose', async () => {
    isClosing = true;
    setTimeout(() => [...sockets].filter(isUnused).forEach((socket) => socket.destroy()), SILENCE_MS).unref();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) {
      reply.header('connection', 'close');
    }
    done();
  });
}

/** What is read by Node's HTTP parser is not counted, so that an answer is the surer sign. */
function isUnused({ bytesRead, bytesWritten }: Socket): boolean {
  return bytesRead === 0 && bytesWritten === 0;
}
