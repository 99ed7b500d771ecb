import { enumType, list, makeSchema, mutationType, nonNull, objectType, stringArg } from 'nexus';
import { guardSchema } from 'rolegate/access';
import { articles, type Context, notes, publish, viewer } from './data.ts';

const Role = enumType({
  name: 'Role',
  members: [{ name: 'ADMIN', extensions: { directives: { inherits: { roles: ['EDITOR'] } } } }, 'EDITOR'],
});

/** Marks a type or a field. */
const auth = (...requirements: object[]) => ({ extensions: { directives: { auth: requirements } } });
const open = { extensions: { directives: { public: {} } } };

const Article = objectType({
  name: 'Article',
  ...open,
  definition(t) {
    t.nonNull.string('title');
    t.string('draft', auth({ requires: 'EDITOR' }));
    t.int('views', auth({ permissions: 'stats:read' }));
  },
});

const Note = objectType({
  name: 'Note',
  ...auth({ requires: 'ADMIN', owner: 'by' }),
  definition(t) {
    t.id('by');
    t.string('text');
  },
});

const Query = objectType({
  name: 'Query',
  ...open,
  definition(t) {
    t.field('articles', { type: list(nonNull(Article)), resolve: () => articles });
    t.field('notes', { type: list(Note), resolve: () => notes });
  },
});

const Mutation = mutationType({
  definition(t) {
    t.field('publish', {
      type: Article,
      args: { title: nonNull(stringArg()) },
      ...auth({ requires: 'EDITOR' }),
      resolve: (_source, { title }) => publish(title),
    });
  },
});

export const schema = guardSchema<Context>(
  makeSchema({ types: [Role, Article, Note, Query, Mutation], outputs: false, shouldGenerateArtifacts: false }),
  { viewer },
);
