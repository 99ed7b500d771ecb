import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a database that a test can cut or block. */
export interface DatabaseProxy {
  /** The database's URL, through here. */
  readonly url: string;
  /** Ends all connections and takes no new ones, as a database that was stopped. */
  readonly stop: () => Promise<void>;
  /** Keeps all connections and moves nothing, as a database that is frozen, or behind a network that is gone. */
  readonly freeze: () => void;
  /** Moves on, or takes connections again. */
  readonly resume: () => Promise<void>;
  /** Ends all connections, and takes new ones at once. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

/** Opens a way to the database of the URL, on a loopback port. */
export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port || 5432) };
  const sockets = new Set<Socket>();
  let isFrozen = false;

  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk) => to.write(chunk));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    if (isFrozen) {
      from.pause();
    }
  };
  const accept = (client: Socket): void => {
    const database = connect(target);
    join(client, database);
    join(database, client);
  };
  let server: Server | null = createServer(accept);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  url.host = `127.0.0.1:${port}`;

  const reset = (): void => sockets.forEach((socket) => void socket.destroy());
  const stop = async (): Promise<void> => {
    const closed = server && once(server.close(), 'close');
    server = null;
    reset();
    await closed;
  };
  return {
    url: url.href,
    stop,
    reset,
    freeze() {
      isFrozen = true;
      sockets.forEach((socket) => void socket.pause());
    },
    async resume() {
      isFrozen = false;
      sockets.forEach((socket) => void socket.resume());
      if (server === null) {
        server = createServer(accept);
        await once(server.listen(port, '127.0.0.1'), 'listening');
      }
    },
    close: stop,
  };
}
