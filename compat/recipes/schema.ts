import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { type AccessViewer, authTypeDefs, guardSchema, policyOf, visibleSchema } from 'rolegate/access';

export const typeDefs = `
  enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
  type Article @public { title: String! draft: String @auth(requires: EDITOR) views: Int @auth(permissions: "stats:read") }
  type Note @auth(requires: ADMIN, owner: "by") { by: ID text: String }
  type Query { articles: [Article!] @public notes: [Note] @public }
  type Mutation { publish(title: String!): Article @auth(requires: EDITOR) }
  type Subscription { published: Article @auth(requires: EDITOR) }
`;

export const articles = [{ title: 'Access', draft: 'Access rules', views: 3 }];
const notes = [
  { by: '7', text: 'mine' },
  { by: '8', text: 'yours' },
];

export const resolvers = {
  Query: { articles: () => articles, notes: () => notes },
  Mutation: {
    publish: (_source: unknown, { title }: { title: string }) => {
      const article = { title, draft: title, views: 0 };
      articles.push(article);
      return article;
    },
  },
  Subscription: {
    published: {
      subscribe: async function* () {
        yield { published: { title: 'New', draft: 'New draft', views: 0 } };
      },
    },
  },
};

/** The part of the context that says who is asking. */
export interface Context {
  readonly user?: AccessViewer | undefined;
}

/** Returns the viewer of a request. */
export function viewer({ user }: Context): AccessViewer {
  return user ?? { id: null, roles: [], permissions: [] };
}

export function executableSchema(): GraphQLSchema {
  return makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers });
}

export const schema = guardSchema<Context>(executableSchema(), { viewer });

const policy = policyOf(schema);

/** Returns the part of the schema that the viewer may reach: to validate, introspect and execute with. */
export function visibleTo(viewer: AccessViewer): GraphQLSchema {
  if (policy === null) {
    throw new TypeError('The schema is not guarded');
  }
  return visibleSchema(policy, viewer);
}
