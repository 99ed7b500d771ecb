import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { app } from '../recipes/apollo-express.ts';
import { expectGuarded } from './guarded.ts';
import { askAt } from './http.ts';

test('Apollo Server in Express 5', async () => {
  const server = createServer(app).listen(0, '127.0.0.1');
  after(() => server.close());
  await once(server, 'listening');
  await expectGuarded(askAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`));
});
