import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { type Context, notes, viewer } from './data.ts';

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
  type Note @key(fields: "id") @auth(requires: ADMIN, owner: "by") { id: ID! by: ID text: String }
  type Draft @key(fields: "title") @auth(requires: EDITOR) { title: String! text: String }
  type Query { notes: [Note] @public }
`;

/** The references that were resolved, for the test. */
export const resolved: unknown[] = [];

const resolvers = {
  Query: { notes: () => notes.map((note, index) => ({ ...note, id: String(index) })) },
  Note: {
    __resolveReference: ({ id }: { id: string }) => {
      resolved.push(id);
      return { ...notes[Number(id)], id };
    },
  },
  Draft: {
    __resolveReference: ({ title }: { title: string }) => {
      resolved.push(title);
      return { title, text: `Draft of ${title}` };
    },
  },
};

export const schema = guardSchema<Context>(
  buildSubgraphSchema([{ typeDefs: parse(authTypeDefs + typeDefs), resolvers }]),
  { viewer },
);
