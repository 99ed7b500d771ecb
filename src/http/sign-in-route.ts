import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Finishes a sign-in at an external issuer. Returns the URL on this server to send the browser to. */
export type FinishSignIn = (
  request: FastifyRequest<{ Params: { issuer: string } }>,
  reply: FastifyReply,
) => Promise<string>;

/** `GET /auth/callback/<issuer>`: where external issuers send browsers after a sign-in. */
export function registerSignIn(fastify: FastifyInstance, finish: FinishSignIn): void {
  // Only GET: a HEAD request would use the sign-in up.
  fastify.get<{ Params: { issuer: string } }>(
    '/auth/callback/:issuer',
    { exposeHeadRoute: false },
    async (request, reply) => reply.redirect(await finish(request, reply), 303),
  );
}
