import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built server, as `bench/` names it. */
export const BUILT = '../dist/server/main.js';

/** Builds the server of these sources. */
export function buildServer(): void {
  const script = fileURLToPath(new URL('../../bin/build-server.ts', import.meta.url));
  execFileSync(process.execPath, [script], { stdio: 'inherit' });
}
