import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startToyServer, type ToyOptions } from '../support/toy-server.ts';

const PAGE = '<meta name="rolegate-logins" content="__LOGINS__"><script nonce="__NONCE__" src="x"></script>';
const SCRIPT = 'console.log("the console")'.repeat(50);
const LOGINS = [{ username: 'admin', password: 'it\'s "secret" <b>', role: 'ADMIN' }];

/** A folder such as the build makes. */
function builtFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-console-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'graphiql.html'), PAGE);
  writeFileSync(join(folder, 'secret.txt'), 'not served');
  writeFileSync(join(folder, 'assets', 'index-a1.js'), SCRIPT);
  writeFileSync(join(folder, 'assets', 'index-a1.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, 'assets', 'index-a1.js.gz'), gzipSync(SCRIPT));
  return folder;
}

async function serve(options: ToyOptions = {}) {
  const { http } = await startToyServer({ ...options, server: { consoleFolder: builtFolder(), ...options.server } });
  return (url: string, headers: Record<string, string> = {}) => http.inject({ method: 'GET', url, headers });
}

describe('the pages', () => {
  it('pages are sent at every address within the console, each with a nonce of its own', async () => {
    const get = await serve();
    const nonces = new Set<string>();
    for (const path of ['/console', '/console/', '/console/accounts/17?sort=NAME-ASC', '/graphiql']) {
      const { statusCode, headers, body } = await get(path);
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      const [, nonce = ''] = /nonce="([^"]+)"/.exec(body) ?? [];
      expect(headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(4);
  });

  it('pages run their own files only, cannot be framed, and demand Trusted Types of the console', async () => {
    const get = await serve();
    for (const path of ['/console', '/graphiql']) {
      const policy = String((await get(path)).headers['content-security-policy']);
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|https?:/);
    }
    const policy = (await get('/console')).headers['content-security-policy'];
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe-inline');
  });

  it('pages offer the logins of the demo, escaped, and none in production', async () => {
    const demo = await serve({ server: { logins: LOGINS } });
    const content = /content="([^"]*)"/.exec((await demo('/console')).body)?.[1] ?? '';
    const text = content
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>');
    expect(JSON.parse(text)).toEqual(LOGINS);
    const production = await serve({ config: { production: true }, server: { logins: LOGINS } });
    expect((await production('/console')).body).toContain('content="[]"');
  });

  it('pages say so when they have not been built, and the API answers', async () => {
    const { http } = await startToyServer({ server: { consoleFolder: '/nowhere' } });
    for (const url of ['/console', '/console/accounts', '/graphiql']) {
      const answer = await http.inject({ method: 'GET', url });
      expect(answer.statusCode).toBe(503);
      expect(answer.body).toContain('npm run build:console');
    }
    const payload = { query: '{ hello }' };
    expect((await http.inject({ method: 'POST', url: '/graphql', payload })).statusCode).toBe(200);
  });
});

describe('the files', () => {
  it('files are cached for good, in the smallest encoding that the client accepts', async () => {
    const get = await serve();
    const cases = [
      ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['gzip, br;q=0', 'gzip', gunzipSync],
      ['identity', undefined, (body: Buffer) => body],
    ] as const;
    for (const [accepted, encoding, decode] of cases) {
      const { headers, rawPayload } = await get('/console/assets/index-a1.js', { 'accept-encoding': accepted });
      expect(headers['content-encoding']).toBe(encoding);
      expect(headers).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'Accept-Encoding',
        'x-content-type-options': 'nosniff',
      });
      expect(decode(rawPayload).toString()).toBe(SCRIPT);
    }
  });

  it('only files of the build are sent', async () => {
    const get = await serve();
    const names = ['index-b2.js', '..%2fsecret.txt', '..%2f..%2fpackage.json', 'index-a1.js.br', '%00', '__proto__'];
    for (const name of names) {
      const { statusCode, headers, body } = await get(`/console/assets/${name}`);
      expect([name, statusCode < 500 && statusCode >= 400]).toEqual([name, true]);
      expect(headers['cache-control']).toBe('no-store');
      expect(body).not.toContain('not served');
    }
  });
});
