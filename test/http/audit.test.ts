import { auditServer } from 'graphql-http';
import { expect, it } from 'vitest';
import { startToyServer } from '../support/toy-server.ts';

/** The audit sends GET requests as browsers can send them across sites; our clients have to say that they are none. */
function declaredFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('apollo-require-preflight', '1');
  return fetch(url, { ...init, headers });
}

it('the server passes the audits of GraphQL over HTTP', async () => {
  const server = await startToyServer();
  const address = await server.http.listen({ port: 0, host: '127.0.0.1' });
  const results = await auditServer({ url: `${address}/graphql`, fetchFn: declaredFetch });
  const failures = results.filter(({ status }) => status !== 'ok').map(({ name }) => name);
  expect(results.length).toBeGreaterThan(50);
  // The drafts for application/json keep the habit of answering 200 to what was never run; design §5 says 400.
  expect(failures).toEqual([
    'SHOULD use 200 status code on document parsing failure when accepting application/json',
    'SHOULD use 200 status code on document validation failure when accepting application/json',
    'SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
  ]);
});
