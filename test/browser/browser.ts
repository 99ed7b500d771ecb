import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export const ROOT = new URL('../../', import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The flags with which Debian's chromium runs as root, and asks nothing of the internet. */
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** The addresses of a demo and a browser, for the processes of the tests. */
export interface StandAddress {
  readonly url: string;
  /** The file of what the server has written. */
  readonly log: string;
  /** The address of the browser. */
  readonly browser: string;
}

/** The demo, and a browser. */
export interface Stand {
  readonly url: string;
  readonly browser: Browser;
  /** Returns what the server has written: its log, and the demo's mails. */
  readonly output: () => string;
  readonly close: () => Promise<void>;
}

/** Starts a demo of the repository, or of a copy, with data in a folder and with further variables. */
export async function startDemo(
  folder: string,
  log: string,
  environment: Readonly<Record<string, string>> = {},
  root = ROOT,
): Promise<{ server: ChildProcess; url: string }> {
  const file = openSync(log, 'w');
  const server = spawn(process.execPath, ['--import', join(root, 'bin/require-node.mjs'), join(root, 'src/main.ts')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', SHUTDOWN_DELAY_SECONDS: '0', ...environment },
    stdio: ['ignore', file, 'inherit'],
  });
  closeSync(file);
  for (;;) {
    const output = readFileSync(log, 'utf8');
    const [, url] = /Rolegate is ready: (http:\/\/(?:127\.0\.0\.1|localhost):\d+)\//.exec(output) ?? [];
    if (url !== undefined) {
      return { server, url };
    }
    if (server.exitCode !== null) {
      throw new Error(`The server did not start:\n${output}`);
    }
    await setTimeout(50);
  }
}

/** Starts a demo of the repository, or of a copy, with data in a folder of its own, and chromium. */
export async function launch(
  root = ROOT,
): Promise<{ readonly address: StandAddress; readonly close: () => Promise<void> }> {
  if (!existsSync(join(root, 'console/dist/index.html'))) {
    throw new Error('The console has not been built: npm run build:console');
  }
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`There is no ${executablePath}: apt-get install chromium, or set CHROMIUM`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-browser-'));
  const log = join(folder, 'log');
  const [{ server, url }, browser] = await Promise.all([
    startDemo(folder, log, {}, root),
    chromium.launchServer({ executablePath, args: FLAGS.split(' ') }),
  ]);
  return {
    address: { url, log, browser: browser.wsEndpoint() },
    close: async () => {
      await browser.close();
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Connects to a demo and its browser. What is opened through it is closed with it. */
export async function connect({ url, log, browser: endpoint }: StandAddress): Promise<Stand> {
  const browser = await chromium.connect(endpoint);
  return { url, browser, output: () => readFileSync(log, 'utf8'), close: () => browser.close() };
}

/** Connects to the demo and the browser that all test files share: each keeps to objects of its own. */
export async function startStand(): Promise<Stand> {
  const { inject } = await import('vitest');
  return connect(inject('stand'));
}

/** A person in front of the console, everything that reached their browser, and everything it complained about. */
export interface Person {
  readonly page: Page;
  readonly complaints: string[];
  readonly received: () => Promise<string>;
}

/** Opens the console as the holder of a role; null: without signing in. */
export async function enter(stand: Stand, role: string | null, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await stand.browser.newContext({
    viewport: { width: 1280, height: 900 },
    // A dialog that fades would be judged while its colours are faint.
    reducedMotion: 'reduce',
    ...options,
  });
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

/** Loads a page of the console, and waits until it has its heading and nothing is loading. */
export async function visit(person: Person, stand: Stand, path: string): Promise<void> {
  await person.page.goto(`${stand.url}/console${path}`);
  await arrive(person);
}

/** Goes to a page of the console as its links do, and waits for it. */
export async function go(person: Person, path: string): Promise<void> {
  await person.page.evaluate((to) => window.history.pushState(null, '', to), `/console${path}`);
  await arrive(person);
}

async function arrive({ page }: Person): Promise<void> {
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
    const { violations } = await axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
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

/** Returns the token of the last mail with a subject, once it has been sent. */
export async function tokenOf(stand: Stand, subject: string): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const [, ...mails] = stand.output().replaceAll('\\n', ' ').split(subject);
    const mail = mails.at(-1) ?? '';
    const [, token] = /this token:[^A-Za-z0-9]*([\w.-]{20,})/.exec(mail) ?? [];
    if (token !== undefined) {
      return token;
    }
    await setTimeout(50);
  }
  throw new Error(`No mail with the subject ${subject} was sent`);
}
