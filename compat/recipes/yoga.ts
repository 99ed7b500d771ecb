import { createYoga } from 'graphql-yoga';
import { type Context, viewer } from './data.ts';
import { schema, visibleTo } from './schema.ts';
import { userNamed } from './users.ts';

const contextOf = (request: Request): Context => ({ user: userNamed(request.headers.get('x-user')) });

export const yoga = createYoga({
  schema,
  context: ({ request }) => contextOf(request),
});

/** The same, in which each viewer validates and introspects what they may reach. */
export const yogaByViewer = createYoga({
  schema: ({ request }) => visibleTo(viewer(contextOf(request))),
  context: ({ request }) => contextOf(request),
});
