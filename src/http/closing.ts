import type { FastifyInstance } from 'fastify';

/**
 * Ends connections while the server closes: an answer that is sent then is the last on its connection. Node would keep
 * it open for the client's next request, and closing would wait for that until the keep-alive time is over.
 */
export function registerClosing(fastify: FastifyInstance): void {
  let isClosing = false;
  fastify.addHook('preClose', async () => {
    isClosing = true;
  });
  fastify.addHook('onSend', async (_request, reply) => {
    if (isClosing) {
      reply.header('connection', 'close');
    }
  });
}
