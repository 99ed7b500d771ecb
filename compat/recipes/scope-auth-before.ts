import SchemaBuilder from '@pothos/core';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { articles, type Context, notes, publish } from './data.ts';

const builder = new SchemaBuilder<{
  Context: Context;
  AuthScopes: { role: 'ADMIN' | 'EDITOR'; permission: string };
}>({
  plugins: [ScopeAuthPlugin],
  scopeAuth: {
    authScopes: ({ user }) => ({
      role: (role) => user?.roles.some((held) => held === role || held === 'ADMIN') === true,
      permission: (permission) => user?.permissions.includes(permission) === true,
    }),
  },
});

const Article = builder.objectRef<(typeof articles)[number]>('Article').implement({
  fields: (t) => ({
    title: t.exposeString('title', { nullable: false }),
    draft: t.exposeString('draft', { nullable: true, authScopes: { role: 'EDITOR' } }),
    views: t.exposeInt('views', { nullable: true, authScopes: { permission: 'stats:read' } }),
  }),
});

const Note = builder.objectRef<(typeof notes)[number]>('Note').implement({
  authScopes: ({ by }, { user }) => (user?.id === by ? true : { role: 'ADMIN' }),
  runScopesOnType: true,
  fields: (t) => ({
    by: t.exposeID('by', { nullable: true }),
    text: t.exposeString('text', { nullable: true }),
  }),
});

builder.queryType({
  fields: (t) => ({
    articles: t.field({ type: [Article], nullable: true, resolve: () => articles }),
    notes: t.field({ type: [Note], nullable: { list: true, items: true }, resolve: () => notes }),
  }),
});

builder.mutationType({
  fields: (t) => ({
    publish: t.field({
      type: Article,
      nullable: true,
      args: { title: t.arg.string({ required: true }) },
      authScopes: { role: 'EDITOR' },
      resolve: (_source, { title }) => publish(title),
    }),
  }),
});

export const schema = builder.toSchema();
