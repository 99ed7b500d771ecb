import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** A statement as it went over the wire: its text, white space made alike, and its parameters. */
export interface Statement {
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** Stands between a server and PostgreSQL and hears what is said. */
export interface Listening {
  /** The URL of PostgreSQL, through here. */
  readonly through: (url: string) => string;
  /** Returns the statements that were sent since the last call. */
  readonly take: () => Statement[];
  readonly close: () => void;
}

const STARTUP_HEADER = 4;
const HEADER = 5;

/** Cuts what a client sends into messages of PostgreSQL's protocol, version 3. The first has no type. */
class Messages {
  #rest = Buffer.alloc(0);
  #isStarted = false;

  *of(chunk: Buffer): Generator<{ type: string; body: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const header = this.#isStarted ? HEADER : STARTUP_HEADER;
      if (this.#rest.length < header) {
        return;
      }
      const end = this.#rest.readInt32BE(header - 4) + header - 4;
      if (this.#rest.length < end) {
        return;
      }
      const type = this.#isStarted ? String.fromCodePoint(this.#rest[0] ?? 0) : '';
      yield { type, body: this.#rest.subarray(header, end) };
      this.#rest = this.#rest.subarray(end);
      this.#isStarted = true;
    }
  }
}

function texts(body: Buffer): string[] {
  return body.toString('utf8').split('\0');
}

/** The parameters of a Bind message; all are sent as text here. */
function parametersOf(body: Buffer): (string | null)[] {
  let at = body.indexOf(0, body.indexOf(0) + 1) + 1;
  at += 2 + 2 * body.readInt16BE(at);
  const count = body.readInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = body.readInt32BE(at);
    const value = length < 0 ? null : body.toString('utf8', at + 4, at + 4 + length);
    at += 4 + Math.max(length, 0);
    return value;
  });
}

/** Writes down the statements of one connection. */
function record(client: Socket, heard: Statement[]): void {
  const messages = new Messages();
  let parsed = '';
  client.on('data', (chunk: Buffer) => {
    for (const { type, body } of messages.of(chunk)) {
      if (type === 'Q') {
        heard.push({ text: squeeze(texts(body)[0] ?? ''), values: [] });
      } else if (type === 'P') {
        parsed = squeeze(texts(body)[1] ?? '');
      } else if (type === 'B') {
        heard.push({ text: parsed, values: parametersOf(body) });
      }
    }
  });
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Starts to listen in on a PostgreSQL server. */
export async function listenIn(serverUrl: string): Promise<Listening> {
  const { hostname, port } = new URL(serverUrl);
  const heard: Statement[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(port || 5432), hostname);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true).on('error', () => other.destroy());
      socket.pipe(other);
    }
    record(client, heard);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  return {
    through(url) {
      const through = new URL(url);
      through.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
      return through.href;
    },
    take: () => heard.splice(0),
    close() {
      sockets.forEach((socket) => socket.destroy());
      proxy.close();
    },
  };
}
