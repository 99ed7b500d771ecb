import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { type AccessViewer, authTypeDefs, guardSchema, policyOf, visibleSchema } from 'rolegate/access';
import { articles, type Context, notes, publish, published, viewer } from './data.ts';

export const typeDefs = `
  enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
  type Article @public { title: String! draft: String @auth(requires: EDITOR) views: Int @auth(permissions: "stats:read") }
  type Note @auth(requires: ADMIN, owner: "by") { by: ID text: String }
  type Query { articles: [Article!] @public notes: [Note] @public }
  type Mutation { publish(title: String!): Article @auth(requires: EDITOR) }
  type Subscription { published: Article @auth(requires: EDITOR) }
`;

export const resolvers = {
  Query: { articles: () => articles, notes: () => notes },
  Mutation: { publish: (_source: unknown, { title }: { title: string }) => publish(title) },
  Subscription: { published: { subscribe: published, resolve: (article: unknown) => article } },
};

export const schema = guardSchema<Context>(makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers }), {
  viewer,
});

const policy = policyOf(schema);

/** Returns the part of the schema that the viewer may reach: to validate, introspect and execute with. */
export function visibleTo(viewer: AccessViewer): GraphQLSchema {
  if (policy === null) {
    throw new TypeError('The schema is not guarded');
  }
  return visibleSchema(policy, { viewer });
}
