import { execFile, spawn } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Step, stepsOf } from './page.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const steps = stepsOf(new URL('../../docs/add-your-own-data.md', import.meta.url));
const edited = new Set(steps.flatMap((step) => (step.kind === 'edit' ? [step.path] : [])));

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'rolegate-tutorial-'));
  const files = [
    'package.json',
    'tsconfig.json',
    'codegen.yml',
    'examples',
    'console',
    'vitest.config.ts',
    '.oxfmtrc.json',
    'bin',
    'proof',
    'schema',
    'src',
    'test',
  ];
  for (const file of files) {
    cpSync(join(ROOT, file), join(project, file), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const environment = {
  PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`,
  HOME: process.env['HOME'],
  PORT: '0',
  // The commands run the same tools again and again: what one has compiled, the next need not.
  NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
};

/** Runs commands in the copy of the project. What they print; throws when they fail. */
async function shell(commands: string): Promise<string> {
  const options = { cwd: project, env: environment, timeout: 180_000, maxBuffer: 2 ** 24 };
  const { stdout } = await promisify(execFile)('bash', ['-ec', commands], options).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${commands}\nfailed:\n${stdout}\n${stderr}`, { cause: error });
  });
  return stdout;
}

function edit(pattern: string, before: string, after: string): void {
  const [file, ...others] = globSync(pattern, { cwd: project });
  expect([file, others], pattern).toEqual([expect.any(String), []]);
  const path = join(project, file ?? '');
  const text = readFileSync(path, 'utf8');
  expect(text.split(before), `${pattern} has these lines once:\n${before}`).toHaveLength(2);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
}

/** Starts the server of the copy. The origin at which it answers. */
async function start(): Promise<string> {
  const server = spawn('npm', ['start'], { cwd: project, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  onTestFinished(async () => {
    server.kill();
    await ended;
  });
  return new Promise((resolve, reject) => {
    let said = '';
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, origin] = /http:\/\/([\w.]+:\d+)\//.exec(said) ?? [];
      if (origin !== undefined) {
        resolve(origin);
      }
    });
    server.once('exit', () => reject(new Error(`The server does not start:\n${said}`)));
  });
}

let origin: Promise<string> | null = null;

/** Does what the page says, and checks that what it shows is what there is to see. */
async function expectToFollow(step: Step): Promise<void> {
  if (step.kind === 'edit') {
    edit(step.path, step.before, step.after);
    return;
  }
  if (step.prints === null) {
    await shell(step.commands);
    return;
  }
  origin ??= start();
  const printed = await shell(step.commands.replaceAll('localhost:4000', await origin));
  expect(JSON.parse(printed)).toEqual(step.prints);
}

describe('docs/add-your-own-data.md', () => {
  it('the tutorial changes at most five files', () => {
    expect(edited.size).toBeGreaterThan(2);
    expect(edited.size).toBeLessThanOrEqual(5);
  });

  it('the skeleton is complete without further changes', { timeout: 300_000 }, async () => {
    const [first] = steps;
    expect(first).toMatchObject({ kind: 'run' });
    await shell(first?.kind === 'run' ? first.commands : '');
    const again = shell(first?.kind === 'run' ? first.commands : '');
    await expect(again).rejects.toThrow(/Nothing was written/);
    const domain = 'schema/suppliers.graphql src/modules/suppliers src/database src/schema.ts test/modules/suppliers';
    await shell(`npm run codegen && npx oxfmt --check ${domain}`);
    await shell('npx vitest run test/modules/suppliers');
  });

  it('the tutorial leads to data of the reader, for three roles as shown', { timeout: 300_000 }, async () => {
    for (const step of steps.slice(1)) {
      await expectToFollow(step);
    }
  });
});
