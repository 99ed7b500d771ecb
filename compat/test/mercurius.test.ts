import { after, test } from 'node:test';
import { app } from '../recipes/mercurius.ts';
import { type Answer, expectGuarded } from './guarded.ts';

after(() => app.close());

test('Mercurius, with loaders', () =>
  expectGuarded(
    async (query, user) => {
      const headers = user ? { 'x-user': user } : {};
      const response = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } });
      return response.json<Answer>();
    },
    { draft: 'Access rules, loaded' },
  ));
