import { envelop, useEngine, useSchema } from '@envelop/core';
import * as engine from 'graphql';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { authTypeDefs, useRolegate } from 'rolegate/access';
import { type Context, viewer } from './data.ts';
import { resolvers, typeDefs } from './schema.ts';

const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers });

export const getEnveloped = envelop({
  plugins: [useEngine(engine), useSchema(schema), useRolegate<Context>({ viewer })],
});

/** The same, in which each viewer validates and introspects what they may reach. */
export const getEnvelopedByViewer = envelop({
  plugins: [useEngine(engine), useSchema(schema), useRolegate<Context>({ viewer, visibleTo: viewer })],
});
