import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, render } from '../../src/http/landing/render.ts';
import { startToyServer, type ToyOptions } from '../support/toy-server.ts';

const LOGINS = [
  { username: 'admin', password: 'rolegate-demo-admin', role: 'ADMIN' },
  { username: 'developer', password: 'rolegate-demo-developer', role: 'DEVELOPER' },
];

async function visit(options: ToyOptions = {}, headers: Record<string, string> = {}) {
  const { http } = await startToyServer(options);
  const answer = await http.inject({ method: 'GET', url: '/', headers: { accept: 'text/html', ...headers } });
  return { status: answer.statusCode, headers: answer.headers, page: answer.body };
}

/** Every nonce that the page's elements carry. */
function noncesIn(page: string): string[] {
  return [...page.matchAll(/nonce="([^"]*)"/g)].map(([, nonce = '']) => nonce);
}

describe('the page of the demo', () => {
  const demo = { server: { logins: LOGINS } };

  it('the page shows the first steps, the logins and a first query', async () => {
    const { status, headers, page } = await visit(demo, { host: 'localhost:4000' });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page).toContain('curl -s http://localhost:4000/graphql');
    expect(page).toContain('rolegate-demo-admin');
    expect(page).toContain('<option selected value="developer:rolegate-demo-developer">');
    expect(page).toContain('endpoint=http%3A%2F%2Flocalhost%3A4000%2Fgraphql');
    const [, query = ''] = /<textarea[^>]*>([^<]*)</.exec(page) ?? [];
    expect(parse(query).definitions).toHaveLength(1);
  });

  it('the page has no editor where only published documents are answered', async () => {
    const { page, headers } = await visit({ ...demo, config: { trustedDocuments: 'only' } });
    expect(page).not.toMatch(/<textarea|<script type="module"|EmbeddedSandbox/);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
  });

  it('the page has commands that hold valid JSON', async () => {
    const { page } = await visit(demo);
    const text = page.replaceAll('&quot;', '"').replaceAll('&#39;', "'");
    const bodies = [...text.matchAll(/-d '([^']*)'/g)].map(([, body = '']) => JSON.parse(body) as { query: string });
    expect(bodies.map(({ query }) => parse(query).definitions.length)).toEqual([1, 1]);
  });

  it('the page runs its own script and style, and the Sandbox, and nothing else', async () => {
    const first = await visit(demo);
    const second = await visit(demo);
    const [nonce = ''] = noncesIn(first.page);
    expect(new Set(noncesIn(first.page)).size).toBe(1);
    expect(noncesIn(second.page)).not.toContain(nonce);
    expect(first.headers['content-security-policy']).toBe(
      [
        "default-src 'none'",
        `style-src 'nonce-${nonce}'`,
        'img-src data:',
        `script-src 'nonce-${nonce}' https://embeddable-sandbox.cdn.apollographql.com`,
        "connect-src 'self'",
        'frame-src https://sandbox.embed.apollographql.com',
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    );
    expect(first.page).not.toMatch(/\son\w+=|javascript:|<[^>]*\sstyle=/);
    expect([...first.page.matchAll(/<(script|style)\b(?![^>]*nonce)/g)]).toEqual([]);
  });

  it('the page is accessible: language, title, labels, headings in order', async () => {
    const { page } = await visit(demo);
    expect(page).toMatch(/<html lang="en">/);
    expect(page).toMatch(/<title>[^<]+<\/title>/);
    expect([...page.matchAll(/<h(\d)/g)].map(([, level]) => level)).toEqual(['1', '2', '2', '2']);
    for (const [, id] of page.matchAll(/<(?:select|textarea) id="(\w+)"/g)) {
      expect(page).toContain(`<label for="${id}">`);
    }
  });

  it('the page leaves out what the server does not offer', async () => {
    expect((await visit()).page).not.toMatch(/Demo logins|id="viewer"|demo data/);
    expect((await visit({ ...demo, config: { basicAuth: false } })).page).not.toContain('id="viewer"');
  });

  it('the page takes no markup from the Host header', async () => {
    for (const host of ['"><script>alert(1)</script>', "x'onload='y", 'a b']) {
      const { status, page } = await visit(demo, { host });
      expect(status).toBe(200);
      expect(page).not.toMatch(/alert\(1\)|onload='y/);
    }
  });
});

describe('the page of a production server', () => {
  it('the page is short, has no script and lists no logins', async () => {
    const config = { production: true, publicUrl: 'https://api.example' };
    const { status, headers, page } = await visit({ config, server: { logins: LOGINS } });
    expect(status).toBe(200);
    expect(page).toContain('https://api.example/graphql');
    expect(page).not.toMatch(/<script|rolegate-demo|apollographql|>demo data</);
    expect(headers['content-security-policy']).not.toMatch(/script-src|frame-src|connect-src/);
    expect(headers['strict-transport-security']).toBeDefined();
  });
});

describe('a browser that opens the endpoint', () => {
  it('a browser is redirected to the page, and API clients are not', async () => {
    const { http } = await startToyServer();
    const html = await http.inject({ method: 'GET', url: '/graphql', headers: { accept: 'text/html,*/*' } });
    expect(html).toMatchObject({ statusCode: 303, headers: { location: '/' } });
    const json = await http.inject({ method: 'GET', url: '/graphql', headers: { accept: 'application/json' } });
    expect(json.statusCode).toBe(400);
  });
});

describe('templates', () => {
  it('templates escape text that is not marked as markup', () => {
    const values = { text: `<a href="x" id='y'>&`, markup: '<b>' };
    expect(render('{{text}} {{{markup}}}', values)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp; <b>');
    expect(html`<i>${'<&>'}</i>`).toBe('<i>&lt;&amp;&gt;</i>');
    expect(escapeHtml('plain')).toBe('plain');
  });

  it('templates do not fill in values that were filled in', () => {
    expect(render('{{a}}', { a: '{{{b}}}', b: 'secret' })).toBe('{{{b}}}');
  });

  it('templates fail when a value is missing', () => {
    expect(() => render('{{nobody}}', {})).toThrow('nobody');
  });
});
