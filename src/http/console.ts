import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KnownLogin } from './landing.ts';
import { escapeHtml } from './landing/render.ts';
import { httpError, sendError } from './responses.ts';

/** The contents of the pages besides the built files. */
export interface ConsoleOptions {
  /** The folder of the built console. */
  readonly folder: string;
  readonly production: boolean;
  /** The demo's users, whom the sign-in page offers as buttons; empty outside of the demo. */
  readonly logins: readonly KnownLogin[];
}

/** A page that the build makes: the console, and GraphiQL. */
type Page = 'index.html' | 'graphiql.html';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/** The encodings in which files were compressed by the build, the smallest first. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/** A name of a file has the hash of its content in it, so that the file never changes. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The shortest time between two listings of the built files: unknown names must not cause one each. */
const LISTING_MS = 1_000;

/** The text that the build leaves for the nonce of a response. */
const NONCE = '__NONCE__';
const LOGINS = '__LOGINS__';

/**
 * Returns what a page may load: its own files, and styles that it makes itself, with the nonce.
 *
 * GraphiQL's editor writes the places of its lines into `style` attributes and makes markup of its own, so that attributes
 * are allowed there, and Trusted Types are not demanded. Neither page runs inline scripts or evaluates text.
 */
function policyOf(page: Page, nonce: string): string {
  const isConsole = page === 'index.html';
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    ...(isConsole ? [] : ["style-src-attr 'unsafe-inline'", "worker-src 'self'"]),
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...(isConsole ? ["require-trusted-types-for 'script'", 'trusted-types default'] : []),
  ].join('; ');
}

/** The page that stands in for a console that has not been built. It needs neither scripts nor styles. */
const NOT_BUILT = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Rolegate</title></head>
  <body>
    <h1>The console has not been built</h1>
    <p>Run <code>npm run build:console</code> in the repository, then reload this page. The API is at <a href="/">/graphql</a> and works without the console.</p>
  </body>
</html>
`;

/** Reports if a client accepts an encoding (RFC 9110 §12.5.3). */
function accepts({ headers }: FastifyRequest, encoding: string): boolean {
  const header = headers['accept-encoding'] ?? '';
  return header.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === encoding && !parameters.some((text) => /^q=0(\.0*)?$/.test(text));
  });
}

/** Returns the names of the files of the build: no other file is served. */
function builtFiles(folder: string): ReadonlySet<string> {
  const assets = join(folder, 'assets');
  return new Set(existsSync(assets) ? readdirSync(assets) : []);
}

/**
 * Serves `/console` and `/graphiql` from the files of `npm run build:console`. Without these files the pages say that the
 * console is not built, and everything else works.
 */
export function registerConsole(fastify: FastifyInstance, options: ConsoleOptions): void {
  const { folder, production } = options;
  const logins = production ? [] : options.logins;
  let files = builtFiles(folder);
  let listedAt = performance.now();

  async function sendPage(reply: FastifyReply, page: Page): Promise<FastifyReply> {
    reply.type('text/html; charset=utf-8');
    const html = await readFile(join(folder, page), 'utf8').catch(() => null);
    if (html === null) {
      return reply.code(503).send(NOT_BUILT);
    }
    const nonce = randomBytes(16).toString('base64');
    const text = html.replaceAll(NONCE, nonce).replaceAll(LOGINS, () => escapeHtml(JSON.stringify(logins)));
    return reply.header('content-security-policy', policyOf(page, nonce)).send(text);
  }

  async function sendFile(request: FastifyRequest, reply: FastifyReply, name: string): Promise<FastifyReply> {
    if (!files.has(name) && performance.now() - listedAt > LISTING_MS) {
      files = builtFiles(folder); // it may have been built since
      listedAt = performance.now();
    }
    const type = TYPES[extname(name)];
    if (type === undefined || !files.has(name)) {
      return sendError(request, reply, 404, httpError(404, 'Not found. Reload the page: the console may be newer.'));
    }
    const encoding = ENCODINGS.find(({ name: id, suffix }) => files.has(name + suffix) && accepts(request, id));
    const body = await readFile(join(folder, 'assets', name + (encoding?.suffix ?? '')));
    if (encoding !== undefined) {
      reply.header('content-encoding', encoding.name);
    }
    return reply.headers({ 'content-type': type, 'cache-control': IMMUTABLE, vary: 'Accept-Encoding' }).send(body);
  }

  fastify.get<{ Params: { name: string } }>('/console/assets/:name', (request, reply) =>
    sendFile(request, reply, request.params.name),
  );
  // Every other path is a page within the console, which reads it from the address.
  fastify.get('/console', (_, reply) => sendPage(reply, 'index.html'));
  fastify.get('/console/*', (_, reply) => sendPage(reply, 'index.html'));
  fastify.get('/graphiql', (_, reply) => sendPage(reply, 'graphiql.html'));
}
