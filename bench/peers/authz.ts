/** Apollo Server on Fastify, and graphql-authz, whose rules run before the operation does. */
import type { ApolloServerPlugin } from '@apollo/server';
import { authZApolloPlugin } from '@graphql-authz/apollo-server-plugin';
import { preExecRule } from '@graphql-authz/core';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { serveByApollo } from './apollo.ts';
import { type Context, resolvers, typeDefsWith } from './schema.ts';

function ruleFor(role: string): ReturnType<ReturnType<typeof preExecRule>> {
  return preExecRule()((context) => (context as Context).viewer?.roles.has(role) === true);
}

const rules = { IsStandard: ruleFor('STANDARD'), IsDeveloper: ruleFor('DEVELOPER') };
const isStandard = { __authz: { rules: ['IsStandard'] } };
const isDeveloper = { __authz: { rules: ['IsDeveloper'] } };
const authSchema = {
  Query: { accounts: isDeveloper },
  Account: {
    id: isStandard,
    name: isStandard,
    status: isStandard,
    billingEmail: isDeveloper,
    createdAt: isDeveloper,
    updatedAt: isDeveloper,
    version: isDeveloper,
  },
};

const schema = makeExecutableSchema({ typeDefs: typeDefsWith(() => ''), resolvers });
// Its types are Apollo Server 4's.
const plugin = authZApolloPlugin({ rules, authSchema }) as unknown as ApolloServerPlugin<Context>;
await serveByApollo(schema, [plugin]);
