import { composeServices } from '@apollo/composition';
import { ApolloGateway, LocalGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { graphql, type GraphQLSchema, parse } from 'graphql';
import type { Context } from './data.ts';
import { schema as articles } from './subgraph-articles.ts';
import { schema as notes } from './subgraph.ts';

const subgraphs: Readonly<Record<string, GraphQLSchema>> = { articles, notes };

/** Asks a subgraph for its SDL, as a registry does: anonymously. */
async function serviceOf(name: string, schema: GraphQLSchema) {
  const { data } = await graphql({ schema, source: '{ service: _service { sdl } }', contextValue: {} });
  const { sdl } = (data as unknown as { service: { sdl: string } }).service;
  return { name, url: `http://${name}`, typeDefs: parse(sdl) };
}

const composed = composeServices(
  await Promise.all(Object.entries(subgraphs).map(([name, schema]) => serviceOf(name, schema))),
);
if (composed.errors !== undefined) {
  throw new AggregateError(composed.errors, 'The subgraphs do not compose');
}
export const { supergraphSdl } = composed;

// The subgraphs run in this process. Over HTTP, a RemoteGraphQLDataSource passes the viewer's token on in willSendRequest.
const gateway = new ApolloGateway({
  supergraphSdl,
  buildService: ({ name }) => new LocalGraphQLDataSource(subgraphs[name] as GraphQLSchema),
});
export const server = new ApolloServer<Context>({ gateway });
