import { connect } from 'node:net';

/** Sends a request as bytes: clients and proxies that join or drop headers are out of the way. */
export async function sendRaw(
  address: string,
  body: string,
  lines: readonly string[],
): Promise<{ status: number; text: string }> {
  const url = new URL(address);
  const head = [
    'POST /graphql HTTP/1.1',
    `host: ${url.host}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
    ...lines,
  ];
  const socket = connect(Number(url.port), url.hostname);
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  const text = (await socket.setEncoding('utf8').toArray()).join('');
  return { status: Number(text.split(' ', 2)[1]), text };
}
