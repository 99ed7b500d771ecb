import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

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

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly repository?: object;
  readonly homepage?: string;
  readonly bugs?: object;
  readonly dependencies: Readonly<Record<string, string>>;
}

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

/** The packages that the compiled code imports, each with the version that the server uses. */
function dependenciesOf(folder: string, versions: Manifest['dependencies']): Record<string, string> {
  const files = globSync('**/*.js', { cwd: folder }).map((name) => readFileSync(join(folder, name), 'utf8'));
  const imports = /(?:require|import)\("([^."][^"]*)"\)/g;
  const names = files.flatMap((text) => Array.from(text.matchAll(imports), ([, name = '']) => name));
  const packages = new Set(names.filter((name) => !name.startsWith('node:') && name !== 'graphql'));
  return Object.fromEntries([...packages].toSorted().map((name) => [name, `^${versions[name]}`]));
}

/** The manifest of the package. It names the addresses that the root's manifest names, if it names any. */
function manifestOf(folder: string, root: Manifest): object {
  const { name, version, license, repository, homepage, bugs } = root;
  const entries = ENTRY_POINTS.map((entry) => {
    const conditions = {
      import: { types: `./${entry}/index.d.mts`, default: `./${entry}/index.mjs` },
      require: { types: `./${entry}/index.d.ts`, default: `./${entry}/index.js` },
    };
    return [`./${entry}`, conditions] as const;
  });
  return {
    name,
    version,
    description: 'Authorization for GraphQL schemas: directives say who may reach what, and a guard enforces it.',
    keywords: ['graphql', 'authorization', 'access-control', 'rbac', 'roles', 'permissions', 'directive', 'auth'],
    license,
    repository,
    homepage,
    bugs,
    type: 'commonjs',
    sideEffects: false,
    engines: { node: '>=22.18' },
    bin: { rolegate: './cli/rolegate.js' },
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
    dependencies: dependenciesOf(folder, root.dependencies),
    peerDependencies: { graphql: '^16.11.0 || ^17.0.0' },
  };
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
  const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  compile(dirname(folder), folder);
  ENTRY_POINTS.forEach((entry) => wrap(folder, entry));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(folder, root), null, 2)}\n`);
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  copyPages(folder);
}

const target = resolve(ROOT, process.argv[2] ?? 'dist/package');
mkdirSync(join(ROOT, 'dist'), { recursive: true });
// Inside the repository, where the compiler and the wrappers find graphql.
const scratch = mkdtempSync(join(ROOT, 'dist', 'package-'));
try {
  build(join(scratch, 'package'));
  rmSync(target, { recursive: true, force: true });
  cpSync(join(scratch, 'package'), target, { recursive: true });
} finally {
  rmSync(scratch, { recursive: true });
}
