/** Mercurius with its compiled executor, and mercurius-auth. */
import { fastify, type FastifyPluginCallback } from 'fastify';
import mercurius, { type IResolvers } from 'mercurius';
import mercuriusAuth, { type MercuriusAuthOptions } from 'mercurius-auth';
import { announce } from './announce.ts';
import { type Context, resolvers, typeDefsWith } from './schema.ts';
import { authenticate } from './viewer.ts';

/** The directive as it stands in the schema. */
interface Door {
  readonly arguments: readonly [{ readonly value: { readonly value: string } }];
}

const app = fastify();
await app.register(mercurius, {
  schema: [
    'directive @auth(requires: Role!) on OBJECT | FIELD_DEFINITION',
    typeDefsWith((role) => `@auth(requires: ${role})`),
  ].join('\n'),
  resolvers: resolvers as unknown as IResolvers,
  jit: 1,
  context: async (request) => ({ viewer: await authenticate(request.headers.authorization) }),
});
const auth: MercuriusAuthOptions = {
  authDirective: 'auth',
  async applyPolicy(directive: Door, _parent: unknown, _args: unknown, context: unknown) {
    return (context as Context).viewer?.roles.has(directive.arguments[0].value.value) === true;
  },
};
await app.register(mercuriusAuth as unknown as FastifyPluginCallback<typeof auth>, auth);
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server);
