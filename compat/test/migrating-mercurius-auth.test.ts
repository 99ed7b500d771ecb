import { after as afterAll, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { app as after } from '../recipes/mercurius-auth-after.ts';
import { app as before } from '../recipes/mercurius-auth-before.ts';
import type { Answer, Ask } from './guarded.ts';
import { expectSameData } from './same-data.ts';

afterAll(() => Promise.all([before.close(), after.close()]));

function askApp(app: FastifyInstance): Ask {
  return async (query, user) => {
    const headers = user ? { 'x-user': user } : {};
    const response = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } });
    return response.json<Answer>();
  };
}

test('mercurius-auth, before and after', () =>
  expectSameData(askApp(before as unknown as FastifyInstance), askApp(after as unknown as FastifyInstance), [
    '{ articles { title draft } }',
    'mutation { publish(title: "New") { title } }',
  ]));
