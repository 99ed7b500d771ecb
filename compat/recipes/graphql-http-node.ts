import { createHandler } from 'graphql-http/lib/use/http';
import { createServer } from 'node:http';
import { schema } from './schema.ts';
import { userNamed } from './users.ts';

const handler = createHandler({
  schema,
  context: ({ raw }) => ({ user: userNamed(raw.headers['x-user']) }),
});

export const server = createServer((request, response) => void handler(request, response));
