import { applyMiddleware } from 'graphql-middleware';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { allow, deny, not, or, rule, shield } from 'graphql-shield';
import { articles, type Context, notes, publish } from './data.ts';

const typeDefs = `
  type Article { title: String! draft: String views: Int }
  type Note { by: ID text: String }
  type Query { articles: [Article!] notes: [Note] }
  type Mutation { publish(title: String!): Article saveNote(by: ID!, text: String!): Note signUp(name: String!): String }
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
const isAuthenticated = rule({ cache: 'contextual' })((_source, _args, { user }: Context) => user !== undefined);
const isYourself = rule({ cache: 'no_cache' })((_source, { by }: { by: string }, { user }: Context) => user?.id === by);
const isOwner = rule({ cache: 'strict' })(({ by }: { by: string }, _args, { user }: Context) => user?.id === by);

const permissions = shield(
  {
    Query: { articles: allow, notes: allow },
    Mutation: { publish: isEditor, saveNote: or(isAdmin, isYourself), signUp: not(isAuthenticated) },
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
      Mutation: {
        publish: (_source: unknown, { title }: { title: string }) => publish(title),
        saveNote: (_source: unknown, note: (typeof notes)[number]) => note,
        signUp: (_source: unknown, { name }: { name: string }) => `Welcome, ${name}`,
      },
    },
  }),
  permissions,
);
