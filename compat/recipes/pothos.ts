import SchemaBuilder from '@pothos/core';
import DirectivesPlugin from '@pothos/plugin-directives';
import { guardSchema } from 'rolegate/access';
import { articles, type Context, notes, publish, published, viewer } from './data.ts';

type Roles = 'ADMIN' | 'EDITOR';
type Marked = 'OBJECT' | 'INTERFACE' | 'FIELD_DEFINITION' | 'ARGUMENT_DEFINITION' | 'INPUT_FIELD_DEFINITION';

const builder = new SchemaBuilder<{
  Context: Context;
  Directives: {
    auth: { locations: Marked; args: { requires?: Roles | Roles[]; permissions?: string[]; owner?: string } };
    public: { locations: 'OBJECT' | 'INTERFACE' | 'FIELD_DEFINITION'; args: Record<string, never> };
  };
}>({ plugins: [DirectivesPlugin] });

builder.enumType('Role', {
  values: { ADMIN: { extensions: { directives: { inherits: { roles: ['EDITOR'] } } } }, EDITOR: {} },
});

const Article = builder.objectRef<(typeof articles)[number]>('Article').implement({
  directives: { public: {} },
  fields: (t) => ({
    title: t.exposeString('title', { nullable: false }),
    draft: t.exposeString('draft', { nullable: true, directives: { auth: { requires: 'EDITOR' } } }),
    views: t.exposeInt('views', { nullable: true, directives: { auth: { permissions: ['stats:read'] } } }),
  }),
});

const Note = builder.objectRef<(typeof notes)[number]>('Note').implement({
  directives: { auth: { requires: 'ADMIN', owner: 'by' } },
  fields: (t) => ({
    by: t.exposeID('by', { nullable: true }),
    text: t.exposeString('text', { nullable: true }),
  }),
});

builder.queryType({
  directives: { public: {} },
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
      directives: { auth: { requires: 'EDITOR' } },
      resolve: (_source, { title }) => publish(title),
    }),
  }),
});

builder.subscriptionType({
  fields: (t) => ({
    published: t.field({
      type: Article,
      nullable: true,
      directives: { auth: { requires: 'EDITOR' } },
      subscribe: () => published(),
      resolve: (article) => article,
    }),
  }),
});

export const schema = guardSchema<Context>(builder.toSchema(), { viewer });
