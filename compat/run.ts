import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// `npm run test:compat`: builds and packs the package, installs the tarball beside foreign servers and builders, compiles
// the recipes and their tests against it, and runs them: on graphql 16, and those whose packages allow it on graphql 17.
// On graphql 17 the tests of `test/access` run as well.

const HERE = new URL('.', import.meta.url).pathname;
const ROOT = join(HERE, '..');

/** A word in the names of the test files to run; all of them without it. */
const WANTED = process.argv[2] ?? '';

/** A word in the names of the installations to run; all of them without it. */
const INSTALLATION = process.argv[3] ?? '';

/** One set of packages: the folder of its manifest and lockfile, and the Node that runs its tests. */
interface Installation {
  readonly name: string;
  readonly folder: string;
  readonly node: string;
  /** True if the tests of `test/access` run here, too; on graphql 16 `npm test` runs them. */
  readonly testsGuard?: boolean;
}

const INSTALLATIONS: readonly Installation[] = [
  { name: 'graphql 16', folder: HERE, node: process.execPath },
  { name: 'graphql 17', folder: join(HERE, 'graphql-17'), node: process.execPath, testsGuard: true },
  {
    name: 'Node 22.18 and graphql 16.11',
    folder: join(HERE, 'lowest'),
    node: join(HERE, 'lowest', 'node_modules', 'node', 'bin', 'node'),
  },
];

/** Runs a program to its end. @throws if it fails, with what it printed */
function run(cwd: string, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
  return stdout;
}

/** Builds the package. @returns the path of the tarball that would be published */
function packTarball(scratch: string): string {
  run(ROOT, process.execPath, join(ROOT, 'bin', 'build-package.ts'), join(scratch, 'package'));
  return join(scratch, run(scratch, 'npm', 'pack', './package', '--silent').trim());
}

/** Installs what the lockfile names, unless it is there already, and the tarball. */
function install(folder: string, tarball: string): void {
  const stamp = join(folder, 'node_modules', '.installed');
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    run(folder, 'npm', 'ci', '--no-audit', '--no-fund');
    writeFileSync(stamp, lock);
  }
  run(folder, 'npm', 'install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', tarball);
}

/** Returns the sources whose packages the folder's manifest names, and those of the others, each with what it lacks. */
function selectSources(folder: string): { chosen: string[]; lacking: ReadonlyMap<string, string> } {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: object };
  const known = new Set([...Object.keys(manifest.dependencies), 'rolegate']);
  const sources = globSync('{recipes,test}/**/*.ts', { cwd: HERE }).toSorted();
  const lacking = new Map<string, string>();
  const check = (source: string): string | undefined => {
    const names = [...readFileSync(join(HERE, source), 'utf8').matchAll(/(?:from|import) '([^']+)'/g)];
    for (const [, name = ''] of names) {
      const missing = name.startsWith('.') ? check(join(dirname(source), name)) : missingPackage(name, known);
      if (missing !== undefined) {
        return missing;
      }
    }
    return undefined;
  };
  for (const source of sources) {
    const missing = check(source);
    if (missing !== undefined) {
      lacking.set(source, missing);
    }
  }
  return { chosen: sources.filter((source) => !lacking.has(source)), lacking };
}

function missingPackage(specifier: string, known: ReadonlySet<string>): string | undefined {
  const [scope = '', name = ''] = specifier.split('/');
  const wanted = scope.startsWith('@') ? `${scope}/${name}` : scope;
  return wanted.startsWith('node:') || known.has(wanted) ? undefined : wanted;
}

/** Compiles the sources in `folder/work`, from where they find the folder's packages. @returns the compiled tests */
function compile(folder: string, sources: readonly string[]): string[] {
  const work = join(folder, 'work');
  rmSync(work, { recursive: true, force: true });
  sources.forEach((source) => cpSync(join(HERE, source), join(work, source)));
  const config = {
    extends: join(HERE, 'tsconfig.json'),
    compilerOptions: { rootDir: '.', outDir: 'built', noEmit: false },
  };
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ ...config, include: ['recipes', 'test'] }));
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', '.'], {
    cwd: work,
    encoding: 'utf8',
  });
  if (status !== 0) {
    process.stdout.write(stdout);
    throw new Error('The recipes do not compile');
  }
  const tests = globSync('built/test/**/*.test.js', { cwd: work }).filter((path) => path.includes(WANTED));
  return tests.map((path) => join(work, path));
}

/** The compiler options of the consumers: as strict as an adopter may set them. */
const STRICT = {
  target: 'es2022',
  lib: ['es2022', 'dom'],
  types: [],
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};

/** The ways in which a compiler finds modules, each with the files that it is given. */
const RESOLUTIONS = [
  ['node16', 'node16', ['use.mts', 'use.cts']],
  ['nodenext', 'nodenext', ['use.mts', 'use.cts']],
  ['nodenext', 'nodenext', ['use.mts', 'require.cts']],
  ['esnext', 'bundler', ['use.ts']],
] as const;

/**
 * Compiles what adopters write, with the declarations of the package and of graphql (no `skipLibCheck`), by TypeScript 5 and
 * by the TypeScript of this repository. The unions are those that the command writes.
 */
function checkConsumers(folder: string): Outcome {
  const work = join(folder, 'work', 'consumers');
  cpSync(join(HERE, 'consumers'), work, { recursive: true });
  writeFileSync(join(work, 'package.json'), '{}');
  cpSync(join(work, 'use.ts'), join(work, 'use.mts'));
  cpSync(join(work, 'use.ts'), join(work, 'use.cts'));
  const command = join(folder, 'node_modules', 'rolegate', 'cli', 'rolegate.js');
  run(work, process.execPath, command, 'types', 'schema.graphql', '--out', 'access-types.ts');
  const results = [HERE, ROOT].flatMap((home) =>
    RESOLUTIONS.map(([module, moduleResolution, files]) => {
      const compilerOptions = {
        ...STRICT,
        module,
        moduleResolution,
        // With it, a CommonJS module is not written with the keyword `import` alone.
        verbatimModuleSyntax: !(files as readonly string[]).includes('use.cts'),
      };
      writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
      const { status, stdout } = spawnSync(join(home, 'node_modules', '.bin', 'tsc'), ['-p', '.'], {
        cwd: work,
        encoding: 'utf8',
      });
      process.stdout.write(status === 0 ? '' : `${home} ${moduleResolution}:\n${stdout}`);
      return status === 0;
    }),
  );
  return { passed: results.filter(Boolean).length, failed: results.filter((isCompiled) => !isCompiled).length };
}

/** The outcome of test runs. */
interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** Runs compiled tests, each file in a process of its own. A run that ends in another way than with passes counts as failed. */
function runTests(node: string, tests: readonly string[], cwd: string): Outcome {
  const args = ['--test', '--test-reporter=spec', '--enable-source-maps', ...tests];
  const { status, stdout } = spawnSync(node, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    // The counts are read from the output, which must not be coloured.
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  process.stdout.write(stdout);
  const count = (word: string): number => Number(new RegExp(`^ℹ ${word} (\\d+)`, 'm').exec(stdout)?.[1] ?? 0);
  const passed = count('pass');
  const unsuccessful = count('fail') + count('cancelled') + count('skipped') + count('todo');
  return { passed, failed: unsuccessful === 0 && (status !== 0 || passed === 0) ? 1 : unsuccessful };
}

/** Runs the tests of the guard on the graphql of an installation, on copies from where that is found. */
function runGuardTests(folder: string): Outcome {
  const copies = join(folder, 'work', 'guard');
  for (const source of ['src/access', 'src/testing', 'test/access', 'test/support/quiet.ts']) {
    cpSync(join(ROOT, source), join(copies, source), { recursive: true });
  }
  const { FORCE_COLOR: _, ...environment } = process.env;
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', '--config', join(HERE, 'vitest.graphql-17.config.ts'), WANTED];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: copies,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...environment, WANTED, NO_COLOR: '1' },
  });
  // Its last lines look like ours, which `.ci/run` counts.
  process.stdout.write(stdout.replaceAll(/^ +(Tests|Test Files) /gm, '$1 of the guard: '));
  const [line = ''] = /^ *Tests .*$/m.exec(stdout) ?? [];
  const count = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  const failed = count('failed') + count('skipped');
  return { passed: count('passed'), failed: failed === 0 && status !== 0 ? 1 : failed };
}

function sum(outcomes: readonly Outcome[], count: (outcome: Outcome) => number): number {
  return outcomes.reduce((total, outcome) => total + count(outcome), 0);
}

/** Runs the tests of one installation. One that cannot be installed or compiled counts as failed. */
function runInstallation({ name, folder, node, testsGuard }: Installation, tarball: string): Outcome {
  process.stdout.write(`== ${name}\n`);
  try {
    install(folder, tarball);
    const { chosen, lacking } = selectSources(folder);
    for (const [source, missing] of lacking) {
      process.stdout.write(`not on ${name}: ${source} needs ${missing}\n`);
    }
    const tests = compile(folder, chosen);
    const isFilteredOut = WANTED !== '' && tests.length === 0;
    const outcomes = [
      isFilteredOut ? { passed: 0, failed: 0 } : runTests(node, tests, join(folder, 'work')),
      testsGuard ? runGuardTests(folder) : { passed: 0, failed: 0 },
      'consumers'.includes(WANTED) ? checkConsumers(folder) : { passed: 0, failed: 0 },
    ];
    return { passed: sum(outcomes, ({ passed }) => passed), failed: sum(outcomes, ({ failed }) => failed) };
  } catch (error) {
    process.stdout.write(`${String(error)}\n`);
    return { passed: 0, failed: 1 };
  }
}

/** Checks the tarball as its users' tools resolve it. */
function checkTarball(tarball: string): void {
  const bin = join(HERE, 'node_modules', '.bin');
  process.stdout.write(run(HERE, join(bin, 'attw'), tarball, '--no-emoji', '--format', 'ascii'));
  process.stdout.write(run(HERE, join(bin, 'publint'), 'run', tarball, '--strict'));
}

const scratch = mkdtempSync(join(tmpdir(), 'rolegate-compat-'));
try {
  const tarball = packTarball(scratch);
  const chosen = INSTALLATIONS.filter(({ name }) => name.includes(INSTALLATION));
  const outcomes = chosen.map((installation) => runInstallation(installation, tarball));
  const passed = sum(outcomes, (outcome) => outcome.passed);
  const failed = sum(outcomes, (outcome) => outcome.failed);
  // The line that `.ci/run` counts, in the form that Vitest prints.
  process.stdout.write(`      Tests  ${failed} failed | ${passed} passed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
  if (INSTALLATION === '' && WANTED === '') {
    checkTarball(tarball);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
