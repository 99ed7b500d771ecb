import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { handler, handlerByViewer } from '../recipes/graphql-http.ts';
import { server } from '../recipes/graphql-http-node.ts';
import { expectGuarded, expectHidden } from './guarded.ts';
import { askAt, askBy } from './http.ts';

test('graphql-http', () => expectGuarded(askBy((url, init) => handler(new Request(url, init)))));

test('graphql-http, with the schema that each viewer may reach', () =>
  expectHidden(askBy((url, init) => handlerByViewer(new Request(url, init)))));

test('graphql-http on the server of Node', async () => {
  server.listen(0, '127.0.0.1');
  after(() => server.close());
  await once(server, 'listening');
  await expectGuarded(askAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
});
