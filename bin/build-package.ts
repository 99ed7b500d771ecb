import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Part of `npm run build`: the package that others install, in dist/package or the folder that is named. It holds src/access and
// src/testing, compiled, with a manifest of its own: what the server depends on is not what the guard depends on.

const ROOT = new URL('..', import.meta.url).pathname;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

function compile(folder: string): void {
  const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(compiler, ['-p', 'tsconfig.build.json', '--outDir', folder], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) {
    throw new Error('The package does not compile');
  }
  for (const name of globSync('**/*.d.ts', { cwd: folder })) {
    const path = join(folder, name);
    // The compiler rewrites what is imported in code, and leaves it in declarations.
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"));
  }
}

function manifestOf({ name, version, description, license, dependencies }: Manifest): object {
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=22' },
    exports: {
      './access': { types: './access/index.d.ts', default: './access/index.js' },
      './testing': { types: './testing/index.d.ts', default: './testing/index.js' },
      './package.json': './package.json',
    },
    dependencies: { '@graphql-tools/utils': `^${dependencies['@graphql-tools/utils']}` },
    peerDependencies: { graphql: '^16.11.0' },
  };
}

const folder = resolve(ROOT, process.argv[2] ?? 'dist/package');
rmSync(folder, { recursive: true, force: true });
compile(folder);
const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(root), null, 2)}\n`);
copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
copyFileSync(join(ROOT, 'docs', 'use-the-guard.md'), join(folder, 'README.md'));
