/** A handler without GraphQL, as an engineer would write it by hand for this one question, checks included. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listAccounts } from './rows.ts';
import { authenticate } from './viewer.ts';
import { announce } from './announce.ts';

const FIRST = /first: (\d+)/;

function send(response: ServerResponse, status: number, answer: object): void {
  const body = JSON.stringify(answer);
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { query } = JSON.parse(await text(request)) as { query: string };
  const viewer = await authenticate(request.headers.authorization);
  if (viewer?.roles.has('DEVELOPER') !== true) {
    return send(response, 403, { errors: [{ message: 'Forbidden' }] });
  }
  const rows = await listAccounts(viewer.id, Number(FIRST.exec(query)?.[1]));
  const nodes = rows.map(({ id, name, status, billingEmail, createdAt, updatedAt, version }) => {
    return { id, name, status, billingEmail, createdAt, updatedAt, version };
  });
  return send(response, 200, { data: { accounts: { nodes } } });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => send(response, 500, { errors: [{ message: String(error) }] }));
});
server.listen(0, '127.0.0.1', () => announce(server));
