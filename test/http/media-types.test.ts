import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { mediaTypeFor } from '../../src/http/media-types.ts';
import { startToyServer } from '../support/toy-server.ts';
import { JSON_TYPE, post } from './toy-requests.ts';

const ACCEPT = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'application/json',
        'application/graphql-response+json',
        'APPLICATION/JSON',
        'application/*',
        '*/*',
        'text/html',
        'application/graphql+json',
        '*',
        '',
      ),
      fc.constantFrom('', ';charset=utf-8', '; charset="UTF-8"', ';charset=latin1', ';v=1'),
      fc.constantFrom('', ';q=0', ';q=0.5', '; q=0.9', ';q=1', ';q=', ';q=none', ';Q=0.2'),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.map((part) => part.join('')).join(', '));

it('errors have the media type in which Apollo Server would send them', async () => {
  const server = await startToyServer();
  await fc.assert(
    fc.asyncProperty(ACCEPT, async (accept) => {
      const ofApollo = await post(server, '{"query":"{"}', { ...JSON_TYPE, accept });
      const ofOurs = await post(server, '{', { ...JSON_TYPE, accept });
      expect(ofOurs.headers['content-type'], accept).toBe(ofApollo.headers['content-type']);
      expect(mediaTypeFor(accept) === null, accept).toBe(ofApollo.statusCode === 406);
    }),
    { numRuns: 500 },
  );
});

it.each(['text/html', 'application/json;q=0', 'multipart/mixed'])(
  'a mutation is not run for a client that accepts none of our media types: %s',
  async (accept) => {
    const server = await startToyServer();
    const mutation = JSON.stringify({ query: 'mutation { login(login: "a", password: "b") }' });
    for (let time = 0; time < 3; time += 1) {
      expect((await post(server, mutation, { ...JSON_TYPE, accept })).statusCode).toBe(406);
    }
    expect(server.resolved).toEqual([]);
    expect((await post(server, mutation, { ...JSON_TYPE, accept: 'application/*' })).statusCode).toBe(200);
    expect(server.resolved).toEqual(['login']);
  },
);

it.each(['PROPFIND', 'MKCOL', 'PUT'])('the method %s gets an error', async (method) => {
  const { http } = await startToyServer();
  const { statusCode, headers } = await http.inject({ method: method as 'PUT', url: '/graphql?query={hello}' });
  expect([statusCode, headers.allow]).toEqual([405, 'GET, POST']);
});
