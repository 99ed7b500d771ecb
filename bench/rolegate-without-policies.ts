/** Rolegate as `npm start` runs it, with statements that are sent as they are: for databases without row level security. */
import { createQuietApp, openWithoutPolicies } from './lib/without-policies.ts';

const app = await createQuietApp(() => openWithoutPolicies(process.env['DATABASE_URL'] ?? ''));
const origin = await app.http.listen({ host: '127.0.0.1', port: 0 });
process.on('SIGTERM', () => void app.close().then(() => process.exit()));
process.stdout.write(`${origin}\n`);
