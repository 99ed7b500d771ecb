import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { openServer } from '../../src/database/database.ts';
import { pino } from 'pino';
import { createTestHasher } from './environment.ts';

/**
 * A replica in a process of its own, on the database of DATABASE_URL: listens, and writes its address to the parent.
 * It lives until its parent ends it.
 */
async function start(): Promise<App> {
  const config = readConfig({ LOG_LEVEL: 'silent', ...process.env, DEMO_DATA: 'false' });
  const { database } = config;
  if (database === null) {
    throw new Error('A replica needs DATABASE_URL');
  }
  const app = await createApp(config, {
    log: pino({ level: 'silent' }),
    now: () => new Date(),
    progress: () => undefined,
    hasher: createTestHasher(),
    openDatabase: () =>
      openServer({ url: database.url, adminUrl: null, production: true }, { progress: () => undefined }),
  });
  const address = await app.http.listen({ port: 0, host: '127.0.0.1' });
  process.send?.(address);
  return app;
}

await start();
