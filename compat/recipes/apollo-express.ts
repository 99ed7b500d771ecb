import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { server } from './apollo.ts';
import type { Context } from './data.ts';
import { userNamed } from './users.ts';

await server.start();
export const app = express();
app.use(
  '/graphql',
  express.json(),
  expressMiddleware(server, {
    context: async ({ req }): Promise<Context> => ({ user: userNamed(req.headers['x-user']) }),
  }),
);
