import type { Server } from 'node:http';

/** Says where a server listens, and ends the process when it is told to. */
export function announce(server: Pick<Server, 'address'>): void {
  const address = server.address();
  process.on('SIGTERM', () => process.exit());
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
}
