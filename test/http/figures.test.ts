import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { signIn } from '../support/signed-in.ts';

let app: TestApp;
let port: number;

beforeAll(async () => {
  port = 20_000 + Math.floor(Math.random() * 20_000);
  app = await createTestApp({ environment: { METRICS_PORT: String(port) } });
});
afterAll(() => app.close());

async function figures(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

it('metrics count errors by code, denials by coordinate and logins by outcome, and hold no input', async () => {
  await app.as('SALES').request('{ users(first: 1) { totalCount } again: users(first: 1) { totalCount } }');
  await app.as('ANONYMOUS').request('{ me { id } }');
  await app.as('SALES').request('{ nothing }');
  await signIn(app, 'sales');
  const login = 'mutation { login(login: "some-marker", password: "another-marker") { accessToken } }';
  await app.post({ query: login });
  const text = await figures();
  expect(text).toMatch(/^graphql_errors_total\{code="FORBIDDEN"\} 2$/m);
  expect(text).toMatch(/^graphql_errors_total\{code="GRAPHQL_VALIDATION_FAILED"\} 1$/m);
  expect(text).toMatch(/^graphql_errors_total\{code="UNAUTHENTICATED"\} \d+$/m);
  expect(text).toMatch(/^access_denials_total\{coordinate="Query\.users",code="FORBIDDEN"\} 1$/m);
  expect(text).toMatch(/^access_denials_total\{coordinate="Query\.me",code="UNAUTHENTICATED"\} 1$/m);
  expect(text).toMatch(/^login_attempts_total\{outcome="accepted"\} [1-9]/m);
  expect(text).toMatch(/^login_attempts_total\{outcome="UNAUTHENTICATED"\} 1$/m);
  expect(text).not.toContain('marker');
});

it('metrics have the load, the age of unsealed events, the release and the pools of a server', async () => {
  const text = await figures();
  expect(text).toMatch(/^requests_running 0$/m);
  expect(text).toMatch(/^requests_waiting 0$/m);
  expect(text).toMatch(/^requests_running_limit \d+$/m);
  expect(text).toMatch(/^audit_seal_lag_seconds [\d.]+$/m);
  expect(text).toMatch(/^rolegate_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
  const pools = text.match(/^database_connections\{pool="(?:reading|writing)",state="(?:idle|used)"\} \d+$/gm) ?? [];
  const isServer = app.database.engine === 'postgresql';
  expect(pools).toHaveLength(isServer ? 4 : 0);
  // The clock of tests stands still, in the past.
  expect(/^clock_offset_seconds -\d+/m.test(text)).toBe(isServer);
});

it.each(['prometheus/rolegate.rules.yaml', 'grafana/rolegate.json'])(
  'metrics include every series that deploy/%s uses',
  async (path) => {
    const text = readFileSync(new URL(`../../deploy/${path}`, import.meta.url), 'utf8');
    const asked = new Set([...text.matchAll(/\b([a-z_]+)\{+job=/g)].map(([, name = '']) => name));
    const served = await figures();
    const missing = [...asked].filter(
      (name) => name !== 'up' && !served.includes(`# TYPE ${name.replace(/_(?:count|bucket)$/, '')} `),
    );
    expect(asked.size).toBeGreaterThan(7);
    expect(missing).toEqual([]);
  },
);
