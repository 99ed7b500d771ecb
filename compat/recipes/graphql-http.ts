import { createHandler } from 'graphql-http/lib/use/fetch';
import { viewer } from './data.ts';
import { schema, visibleTo } from './schema.ts';
import { userNamed } from './users.ts';

const contextOf = (request: Request) => ({ user: userNamed(request.headers.get('x-user')) });

export const handler = createHandler({
  schema,
  context: ({ raw }) => contextOf(raw),
});

/** The same, in which each viewer validates and introspects what they may reach. */
export const handlerByViewer = createHandler({
  schema: ({ raw }) => visibleTo(viewer(contextOf(raw))),
  context: ({ raw }) => contextOf(raw),
});
