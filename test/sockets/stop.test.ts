import { expect, it } from 'vitest';
import { demoFolder, readyUrl, startServer } from '../support/process.ts';
import { connect } from './client.ts';

it(
  'a server that stops closes every connection with a reason, and does not wait for idle ones',
  { timeout: 90_000 },
  async () => {
    const server = startServer({ folder: demoFolder() });
    const url = `${(await readyUrl(server)).replace('http', 'ws')}graphql`;
    const [watching, idle, silent] = [await connect(url), await connect(url), await connect(url, { hello: false })];
    watching.subscribe('subscription { documentChanged { id } }');
    watching.socket.pause(); // it does not answer the good-bye
    const since = performance.now();
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(performance.now() - since).toBeLessThan(8_000);
    watching.socket.resume();
    for (const { closed } of [idle, silent]) {
      expect(await closed).toEqual({ code: 1001, reason: 'The server stops: reconnect' });
    }
    expect((await watching.closed).code).toBeOneOf([1001, 1006]);
  },
);
