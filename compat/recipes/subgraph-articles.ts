import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { type Context, viewer } from './data.ts';

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
  type Article @key(fields: "title") @public { title: String! draft: Draft note: Note }
  type Draft @key(fields: "title", resolvable: false) @public { title: String! }
  type Note @key(fields: "id", resolvable: false) @public { id: ID! }
  type Query { articles: [Article!] @public }
`;

const articles = [
  { title: 'Access', draft: { title: 'Access' }, note: { id: '0' } },
  { title: 'Roles', draft: { title: 'Roles' }, note: { id: '1' } },
];

export const schema = guardSchema<Context>(
  buildSubgraphSchema([
    { typeDefs: parse(authTypeDefs + typeDefs), resolvers: { Query: { articles: () => articles } } },
  ]),
  { viewer },
);
