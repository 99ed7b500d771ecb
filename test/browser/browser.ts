import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const ROOT = new URL('../../', import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The flags with which Debian's chromium runs as root, and asks nothing of the internet. */
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** The demo in a folder of its own, and a browser. */
export interface Stand {
  readonly url: string;
  readonly browser: Browser;
  /** Returns what the server has written: its log, and the demo's mails. */
  readonly output: () => string;
  readonly close: () => Promise<void>;
}

async function startDemo(folder: string): Promise<{ server: ChildProcess; url: string; output: () => string }> {
  const server = spawn(process.execPath, ['--import', join(ROOT, 'bin/require-node.mjs'), join(ROOT, 'src/main.ts')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', SHUTDOWN_DELAY_SECONDS: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    server.stdout?.on('data', (chunk: Buffer) => {
      output += String(chunk);
      const [, found] = /Rolegate is ready: (http:\/\/127\.0\.0\.1:\d+)\//.exec(output) ?? [];
      if (found !== undefined) {
        resolve(found);
      }
    });
    server.once('exit', () => reject(new Error(`The server did not start:\n${output}`)));
  });
  return { server, url, output: () => output };
}

/** Starts a demo and chromium. */
export async function startStand(): Promise<Stand> {
  if (!existsSync(join(ROOT, 'console/dist/index.html'))) {
    throw new Error('The console has not been built: npm run build:console');
  }
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`There is no ${executablePath}: apt-get install chromium, or set CHROMIUM`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-browser-'));
  const [{ server, url, output }, browser] = await Promise.all([
    startDemo(folder),
    chromium.launch({ executablePath, args: FLAGS.split(' ') }),
  ]);
  return {
    url,
    browser,
    output,
    close: async () => {
      await browser.close();
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A person in front of the console, everything that reached their browser, and everything it complained about. */
export interface Person {
  readonly page: Page;
  readonly complaints: string[];
  readonly received: () => Promise<string>;
}

/** Opens the console as the holder of a role; null: without signing in. */
export async function enter(stand: Stand, role: string | null, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await stand.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const bodies: Promise<string>[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('response', (response) => {
    if (response.url().endsWith('/graphql')) {
      bodies.push(response.text().catch(() => ''));
    }
  });
  await page.goto(`${stand.url}/console/sign-in`);
  if (role !== null) {
    await page.getByRole('button', { name: role, exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  } else {
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  }
  return { page, complaints, received: async () => (await Promise.all(bodies)).join('\n') };
}

/** Opens a page of the console and waits until it has its heading and nothing is loading. */
export async function visit({ page }: Person, stand: Stand, path: string): Promise<void> {
  await page.goto(`${stand.url}/console${path}`);
  await page.locator('#content h1').waitFor();
  await page.getByText('Loading …').first().waitFor({ state: 'detached' });
}

/** Returns what axe finds against WCAG 2.2, levels A and AA. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    type Result = { violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<Result> } };
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run({ runOnly: { type: 'tag', values } });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary = '' }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    );
  });
}

/** Asks the API from within the page, with its cookie, as someone would who bypasses the console. */
export async function askFrom(page: Page, query: string): Promise<unknown> {
  return page.evaluate(async (query) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) });
    return (await response.json()) as unknown;
  }, query);
}
