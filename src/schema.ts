import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { mapSchema, MapperKind } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';
import { accountResolvers } from './modules/accounts/resolvers.ts';
import { countRefusals, refuseInViews } from './modules/audit/refusals.ts';
import { auditResolvers } from './modules/audit/resolvers.ts';
import { factorResolvers } from './modules/factors/resolvers.ts';
import { identityResolvers } from './modules/identities/resolvers.ts';
import { authResolvers } from './modules/sessions/resolvers.ts';
import { documentResolvers } from './modules/documents/resolvers.ts';
import { explainResolvers } from './modules/explain/resolvers.ts';
import { inventoryResolvers } from './modules/inventory/resolvers.ts';
import { messageResolvers } from './modules/messages/resolvers.ts';
import { roleResolvers } from './modules/roles/resolvers.ts';
import { scalarResolvers } from './graphql/scalars.ts';
import { userResolvers } from './modules/users/resolvers.ts';
import { viewerResolvers } from './modules/viewer/resolvers.ts';
import { webhookResolvers } from './modules/webhooks/resolvers.ts';

/** Where the contract lives: one file a domain. */
const CONTRACT = new URL('../schema/', import.meta.url);

/** The type definitions of the contract, in the order of their files' names. */
export function loadTypeDefs(): string[] {
  const files = readdirSync(CONTRACT).filter((name) => name.endsWith('.graphql'));
  return files.sort().map((name) => readFileSync(new URL(name, CONTRACT), 'utf8'));
}

/** The contract with its resolvers, whose refusals are counted. It does not guard itself: see `access/`. */
export function buildSchema(): GraphQLSchema {
  const schema = makeExecutableSchema({
    typeDefs: loadTypeDefs(),
    resolvers: [
      scalarResolvers,
      userResolvers,
      accountResolvers,
      roleResolvers,
      authResolvers,
      factorResolvers,
      identityResolvers,
      auditResolvers,
      explainResolvers,
      inventoryResolvers,
      documentResolvers,
      messageResolvers,
      viewerResolvers,
      webhookResolvers,
    ],
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
  return mapSchema(schema, {
    [MapperKind.ROOT_FIELD]: (config, name, type) => {
      if (!config.resolve) {
        return config;
      }
      const resolve = type === 'Mutation' ? refuseInViews(config.resolve) : config.resolve;
      return { ...config, resolve: countRefusals(`${type}.${name}`, resolve) };
    },
  });
}
