import { makeExecutableSchema } from '@graphql-tools/schema';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { articles, type Context, notes, publish, viewer } from './data.ts';

const typeDefs = `
  enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
  type Article @public { title: String! draft: String @auth(requires: EDITOR) views: Int @auth(permissions: "stats:read") }
  type Note @auth(requires: ADMIN, owner: "by") { by: ID text: String }
  type Query { articles: [Article!] @public notes: [Note] @public }
  type Mutation {
    publish(title: String!): Article @auth(requires: EDITOR)
    saveNote(by: ID!, text: String!): Note @auth(requires: ADMIN, policy: "isYourself")
    signUp(name: String!): String @auth(policy: "isAnonymous")
  }
`;

export const schema = guardSchema<Context>(
  makeExecutableSchema({
    typeDefs: [authTypeDefs, typeDefs],
    resolvers: {
      Query: { articles: () => articles, notes: () => notes },
      Mutation: {
        publish: (_source: unknown, { title }: { title: string }) => publish(title),
        saveNote: (_source: unknown, note: (typeof notes)[number]) => note,
        signUp: (_source: unknown, { name }: { name: string }) => `Welcome, ${name}`,
      },
    },
  }),
  {
    viewer,
    policies: {
      isYourself: ({ viewer, args: { by } }) => by === viewer.id,
      isAnonymous: ({ viewer }) => viewer.id === null,
    },
  },
);
