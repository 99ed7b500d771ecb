import { applyMiddleware } from 'graphql-middleware';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { allow, deny, or, rule, shield } from 'graphql-shield';
import { articles, type Context, notes, publish } from './data.ts';

const typeDefs = `
  type Article { title: String! draft: String views: Int }
  type Note { by: ID text: String }
  type Query { articles: [Article!] notes: [Note] }
  type Mutation { publish(title: String!): Article }
`;

const has = (...names: string[]) =>
  rule({ cache: 'contextual' })(
    (_source, _args, { user }: Context) => user?.roles.some((role) => names.includes(role)) === true,
  );
const isEditor = has('EDITOR', 'ADMIN');
const isAdmin = has('ADMIN');
const readsStats = rule({ cache: 'contextual' })(
  (_source, _args, { user }: Context) => user?.permissions.includes('stats:read') === true,
);
const isOwner = rule({ cache: 'strict' })(({ by }: { by: string }, _args, { user }: Context) => user?.id === by);

const permissions = shield(
  {
    Query: { articles: allow, notes: allow },
    Mutation: { publish: isEditor },
    Article: { title: allow, draft: isEditor, views: readsStats },
    Note: { by: or(isAdmin, isOwner), text: or(isAdmin, isOwner) },
  },
  { fallbackRule: deny },
);

export const schema = applyMiddleware(
  makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: { articles: () => articles, notes: () => notes },
      Mutation: { publish: (_source: unknown, { title }: { title: string }) => publish(title) },
    },
  }),
  permissions,
);
