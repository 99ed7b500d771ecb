import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Returns the path of a package, or of a program (`.bin/tsc`), that is installed here. */
export const modulePath = (name: string): string => join(ROOT, 'node_modules', name);

/** Runs a program to its end. @returns its output. @throws with all that it printed if it fails */
export function run(cwd: string, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
  return stdout;
}

/** Builds the package that is published. @returns a new folder, with the package in `built` */
export function buildPackage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-package-'));
  run(ROOT, process.execPath, join(ROOT, 'bin', 'build-package.ts'), join(folder, 'built'));
  return folder;
}

/** Makes an empty project in a folder, with links to packages that are installed here. @returns its path */
export function createProject(folder: string, name: string, linked: readonly string[]): string {
  const root = join(folder, name);
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  for (const dependency of linked) {
    const place = join(root, 'node_modules', dependency);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(modulePath(dependency), place);
  }
  return root;
}

/** Puts the built package into a project, with its command. */
export function addPackage(folder: string, project: string): void {
  const modules = join(project, 'node_modules');
  cpSync(join(folder, 'built'), join(modules, 'rolegate'), { recursive: true });
  mkdirSync(join(modules, '.bin'));
  symlinkSync('../rolegate/cli/rolegate.js', join(modules, '.bin', 'rolegate'));
  chmodSync(join(modules, 'rolegate', 'cli', 'rolegate.js'), 0o755);
}

/** Compiles files of a project, as strictly as an adopter may. @throws with the errors */
export function compileFiles(project: string, files: readonly string[], ...options: readonly string[]): void {
  const module = ['--target', 'es2022', '--module', 'nodenext', '--allowImportingTsExtensions'];
  run(project, modulePath('.bin/tsc'), '--noEmit', '--strict', ...module, ...options, ...files);
}
