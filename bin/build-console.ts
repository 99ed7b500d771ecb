import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

// `npm run build:console`, and the end of `npm ci`: the console and GraphiQL as files with hashed names in console/dist,
// each compressed ahead.

const ROOT = new URL('../console/', import.meta.url).pathname;

/** Beyond this size the best compression takes longer than it is worth: these are files of GraphiQL's editor. */
const LARGE_BYTES = 400_000;

const started = performance.now();
await build({ root: ROOT, configFile: join(ROOT, 'vite.config.ts'), logLevel: 'warn' });

const assets = join(ROOT, 'dist', 'assets');
for (const name of readdirSync(assets).filter((name) => /\.(css|js|svg)$/.test(name))) {
  const content = readFileSync(join(assets, name));
  const quality = content.length > LARGE_BYTES ? 6 : constants.BROTLI_MAX_QUALITY;
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
  writeFileSync(join(assets, `${name}.br`), brotli);
  writeFileSync(join(assets, `${name}.gz`), gzipSync(content));
}
process.stdout.write(`The console is built (${((performance.now() - started) / 1_000).toFixed(1)} s)\n`);
