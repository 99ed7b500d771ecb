import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp, type Who } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ plugins: [ApolloServerPluginCacheControl({ defaultMaxAge: 60 })] });
});
afterAll(() => app.close());

it.each<[string, string, Who, string]>([
  ['public fields are for anyone', '{ publicMessage { text } }', 'ANONYMOUS', 'max-age=60, public'],
  [
    'public fields are for the viewer, whose rows they may hold',
    '{ documents { totalCount } }',
    'GUEST',
    'max-age=60, private',
  ],
  ['fields with a requirement are for the viewer', '{ accounts { totalCount } }', 'DEVELOPER', 'max-age=60, private'],
  [
    'fields with a requirement, among public ones',
    '{ publicMessage { text } me { id } }',
    'GUEST',
    'max-age=60, private',
  ],
  ['denials are not cached', '{ publicMessage { text } me { id } }', 'ANONYMOUS', 'no-store'],
])('cache hints lead to the right Cache-Control: %s', async (_, document, who, header) => {
  for (let time = 0; time < 3; time += 1) {
    expect((await app.as(who).request(document)).headers['cache-control']).toBe(header);
  }
});

it('no answer is cached without cache hints', async () => {
  const other = await createTestApp({ plugins: [ApolloServerPluginCacheControlDisabled()] });
  const { headers } = await other.as('ANONYMOUS').request('{ publicMessage { text } }');
  expect(headers['cache-control']).toBe('no-store');
  await other.close();
});
