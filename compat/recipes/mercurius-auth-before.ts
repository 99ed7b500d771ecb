import fastify, { type FastifyPluginAsync } from 'fastify';
import { type DirectiveNode, valueFromASTUntyped } from 'graphql';
import mercurius from 'mercurius';
import auth, { type MercuriusAuthDirectiveOptions } from 'mercurius-auth';
import { articles, type Context, publish } from './data.ts';
import { userNamed } from './users.ts';

// The declarations of mercurius-auth are those of an ES module, which it is not.
const mercuriusAuth = auth as unknown as FastifyPluginAsync<MercuriusAuthDirectiveOptions>;

/** The arguments of a directive, whose values are lists of names. */
function getDirectiveArguments({ arguments: args = [] }: DirectiveNode): Record<string, unknown[]> {
  return Object.fromEntries(args.map(({ name, value }) => [name.value, [valueFromASTUntyped(value)].flat()]));
}

export const app = fastify();

await app.register(mercurius, {
  schema: `
    directive @auth(requires: [Role!]!) on OBJECT | FIELD_DEFINITION
    enum Role { ADMIN EDITOR }
    type Article { title: String! draft: String @auth(requires: [ADMIN, EDITOR]) }
    type Query { articles: [Article!] }
    type Mutation { publish(title: String!): Article @auth(requires: [ADMIN, EDITOR]) }
  `,
  resolvers: {
    Query: { articles: () => articles },
    Mutation: { publish: (_source: unknown, { title }: { title: string }) => publish(title) },
  },
  context: ({ headers }): Context => ({ user: userNamed(headers['x-user']) }),
});
await app.register(mercuriusAuth, {
  authDirective: 'auth',
  applyPolicy: async (directive, _parent, _args, context) => {
    const [requires] = Object.values(getDirectiveArguments(directive));
    return (context as unknown as Context).user?.roles.some((role) => requires?.includes(role)) === true;
  },
});
