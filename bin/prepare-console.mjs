// `npm ci` ends with this: it builds the console, where the tools for it are installed. Plain JavaScript for any Node.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const node = pathOf('node_modules/node/bin/node');

// Production installs have no tools, and need none: `npm run build` has put the console into dist/server.
if (existsSync(pathOf('node_modules/vite')) && existsSync(node)) {
  const { status } = spawnSync(node, [pathOf('bin/build-console.ts')], { stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(
      'The console could not be built. The API works without it; "npm run build:console" tries again.\n',
    );
  }
}
