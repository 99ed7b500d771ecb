import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { addressesOf, ManifestError, manifestOf, type RootManifest } from './package-manifest.ts';

// Part of `npm run build`: the package that others install, in dist/package or the folder that is named. It holds the folders
// of PARTS, compiled, with a manifest of its own: the guard does not need what the server depends on.
//
// The code is CommonJS, and each entry point has a wrapper for `import`. So both ways lead to one copy: a schema that one
// module guarded is known as guarded to every other, and tools that cannot `require` ES modules (Jest) work. The declarations
// exist in both forms: graphql 17 has other ones for `import` than for `require`, and a compiler that resolves as bundlers do
// takes a schema of the one for another type than a schema of the other.

const ROOT = new URL('..', import.meta.url).pathname;
const PARTS = ['access', 'testing', 'cli/access', 'cli/access.ts', 'cli/output.ts', 'cli/rolegate.ts'] as const;
const ENTRY_POINTS = ['access', 'testing'] as const;

const COMPILER_CONFIG = {
  extends: '../../tsconfig.json',
  compilerOptions: { rootDir: '.', noEmit: false, declaration: true, verbatimModuleSyntax: false },
  include: PARTS,
};

/** The specifier of another source, in a declaration. */
const SPECIFIER = /(from '\.[^']*)\.ts'/g;

/** Compiles a copy of the sources that says it is CommonJS: the compiler reads that from the manifest beside them. */
function compile(sources: string, folder: string): void {
  PARTS.forEach((part) => cpSync(join(ROOT, 'src', part), join(sources, part), { recursive: true }));
  writeFileSync(join(sources, 'package.json'), '{ "type": "commonjs" }');
  writeFileSync(join(sources, 'tsconfig.json'), JSON.stringify(COMPILER_CONFIG));
  const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(compiler, ['-p', sources, '--outDir', folder], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) {
    throw new Error('The package does not compile');
  }
  // The command line has no declarations: it is not imported.
  globSync('cli/**/*.d.ts', { cwd: folder }).forEach((name) => rmSync(join(folder, name)));
  for (const name of globSync('**/*.d.ts', { cwd: folder })) {
    const path = join(folder, name);
    // The compiler rewrites the specifiers of code, and leaves those of declarations.
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(SPECIFIER, "$1.js'"));
    writeFileSync(path.replace(/ts$/, 'mts'), text.replaceAll(SPECIFIER, "$1.mjs'"));
  }
}

/** Writes the module that `import` loads: it names what the CommonJS one exports, so that every tool sees the names. */
function wrap(folder: string, entry: string): void {
  const names = Object.keys(createRequire(import.meta.url)(join(folder, entry, 'index.js')) as object).toSorted();
  const code = [`import module from './index.js';`, '', `export const { ${names.join(', ')} } = module;`, ''];
  writeFileSync(join(folder, entry, 'index.mjs'), code.join('\n'));
}

/** Copies the pages into `docs`, and the first of them to the root, with links to where the others are. */
function copyPages(folder: string): void {
  const pages = join(ROOT, 'docs', 'guard');
  const others = globSync('*.md', { cwd: pages }).filter((name) => name !== 'README.md' && name !== 'CHANGELOG.md');
  others.forEach((name) => cpSync(join(pages, name), join(folder, 'docs', name)));
  const readme = readFileSync(join(pages, 'README.md'), 'utf8');
  writeFileSync(join(folder, 'README.md'), readme.replaceAll(/\]\((\w[\w-]*\.md)\)/g, '](docs/$1)'));
  copyFileSync(join(pages, 'CHANGELOG.md'), join(folder, 'CHANGELOG.md'));
}

function build(folder: string): void {
  const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as RootManifest;
  addressesOf(root); // Refuses a manifest without them before anything is compiled.
  compile(dirname(folder), folder);
  ENTRY_POINTS.forEach((entry) => wrap(folder, entry));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(folder, root, ENTRY_POINTS), null, 2)}\n`);
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  copyPages(folder);
}

/** Builds into a scratch folder inside the repository, where the compiler and the wrappers find graphql. */
function buildInto(target: string): void {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const scratch = mkdtempSync(join(ROOT, 'dist', 'package-'));
  try {
    build(join(scratch, 'package'));
    rmSync(target, { recursive: true, force: true });
    cpSync(join(scratch, 'package'), target, { recursive: true });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

try {
  buildInto(resolve(ROOT, process.argv[2] ?? 'dist/package'));
} catch (error) {
  if (!(error instanceof ManifestError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
