/** Two mutations without GraphQL, as an engineer would write them by hand, checks included. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { announce } from '../announce.ts';
import { authenticate } from '../viewer.ts';
import { adjustInventoryCount, updateAccount } from './rows.ts';

interface Request {
  readonly operationName: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

function send(response: ServerResponse, status: number, answer: object): void {
  const body = JSON.stringify(answer);
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { operationName, variables } = JSON.parse(await text(request)) as Request;
  const viewer = await authenticate(request.headers.authorization);
  const { id, text: description, name, by } = variables;
  if (operationName === 'UpdateAccount') {
    if (viewer?.roles.has('DEVELOPER') !== true) {
      return send(response, 403, { errors: [{ message: 'Forbidden' }] });
    }
    if (typeof id !== 'string' || typeof description !== 'string' || description.length > 2_000) {
      return send(response, 400, { errors: [{ message: 'Bad input' }] });
    }
    const account = await updateAccount(viewer.id, id, description);
    return send(response, account === null ? 404 : 200, { data: { updateAccount: account } });
  }
  if (viewer?.roles.has('WAREHOUSE') !== true) {
    return send(response, 403, { errors: [{ message: 'Forbidden' }] });
  }
  if (typeof name !== 'string' || !Number.isSafeInteger(by)) {
    return send(response, 400, { errors: [{ message: 'Bad input' }] });
  }
  const item = await adjustInventoryCount(viewer.id, name, Number(by));
  return send(response, item === null ? 404 : 200, { data: { adjustInventoryCount: item } });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => send(response, 500, { errors: [{ message: String(error) }] }));
});
server.listen(0, '127.0.0.1', () => announce(server));
