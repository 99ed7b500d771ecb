/** Apollo Server on Fastify, and graphql-shield with a rule on each field, cached by context as its documentation advises. */
import { createRequire } from 'node:module';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type * as Middleware from 'graphql-middleware';
import type * as Shield from 'graphql-shield';
import { serveByApollo } from './apollo.ts';
import { type Context, resolvers, typeDefsWith } from './schema.ts';

// graphql-shield 7 imports a function that Node 23 removed from `util`; only its CommonJS build survives its absence.
const require = createRequire(import.meta.url);
Object.assign(require('node:util') as object, { isUndefined: (value: unknown) => value === undefined });
const { applyMiddleware } = require('graphql-middleware') as typeof Middleware;
const { rule, shield } = require('graphql-shield') as typeof Shield;

function ruleFor(role: string): ReturnType<ReturnType<typeof rule>> {
  return rule({ cache: 'contextual' })((_source, _args, { viewer }: Context) => viewer?.roles.has(role) === true);
}

const [isStandard, isDeveloper] = [ruleFor('STANDARD'), ruleFor('DEVELOPER')];
const permissions = shield({
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
});

const schema = makeExecutableSchema({ typeDefs: typeDefsWith(() => ''), resolvers });
await serveByApollo(applyMiddleware(schema, permissions));
