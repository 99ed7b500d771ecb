import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { onServer, urlOf } from './support/environment.ts';
import { ask, emptyFolder, Program, readyUrl, signIn } from './support/process.ts';

/** Processes take their time where several tests run at once. */
vi.setConfig({ testTimeout: 90_000 });

const ROOT = new URL('..', import.meta.url).pathname;
const PACKAGES = ['@electric-sql/pglite', '@node-rs/argon2'];

const keys = generateKeyPairSync('ed25519');
let built: string;
let said: string;
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'rolegate-built-'));
  const keyFile = `${built}.pem`;
  writeFileSync(keyFile, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const env = { ...process.env, SBOM_SIGNING_KEY_FILE: keyFile };
  said = execFileSync(process.execPath, [join(ROOT, 'bin', 'build-server.ts'), built], { env, encoding: 'utf8' });
  rmSync(keyFile);
  for (const name of PACKAGES) {
    const place = join(built, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), place);
  }
});
afterAll(() => rmSync(built, { recursive: true }));

interface Json {
  readonly dependencies?: object;
  readonly packages?: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

function readJson(name: string): Json {
  return JSON.parse(readFileSync(join(built, name), 'utf8')) as Json;
}

it('the built server needs two packages, of the releases that the tests have run with', () => {
  const ours = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Json;
  const { '': root, ...locked } = readJson('package-lock.json').packages ?? {};
  expect(root).toEqual(readJson('package.json'));
  expect(Object.keys(readJson('package.json').dependencies ?? {})).toEqual(PACKAGES);
  expect(Object.keys(locked)).toEqual(expect.arrayContaining(PACKAGES.map((name) => `node_modules/${name}`)));
  expect(locked).toEqual(Object.fromEntries(Object.keys(locked).map((path) => [path, ours.packages?.[path]])));
});

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly { readonly expression?: string; readonly license?: { readonly id: string } }[];
}

it('its SBOM lists every package, under a licence that asks for no more than to be named', () => {
  const { metadata, components, ...bill } = readJson('sbom.cdx.json') as {
    bomFormat: string;
    metadata: { component: Component };
    components: Component[];
  };
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
  expect(metadata.component).toMatchObject({ name: 'rolegate-server', version: expect.any(String) });
  const names = components.map(({ purl }) => purl);
  expect(names.filter((name) => /vitest|typescript|%40playwright/.test(name))).toEqual([]);
  const expected = ['@apollo/server', 'graphql', '@mikro-orm/core', 'jsonwebtoken', '@electric-sql/pglite'];
  for (const name of expected) {
    expect(names).toContainEqual(expect.stringContaining(`pkg:npm/${name.replace('@', '%40')}@`));
  }
  const licenses = components.flatMap(({ name, licenses = [] }) =>
    licenses.length === 0 ? [`none: ${name}`] : licenses.map(({ expression, license }) => expression ?? license?.id),
  );
  const permissive = new Set([
    'MIT',
    'BSD-3-Clause',
    'Apache-2.0',
    'ISC',
    'BlueOak-1.0.0',
    '(MIT AND BSD-3-Clause)',
    'MIT-0',
    '0BSD',
  ]);
  expect(licenses.filter((license) => !permissive.has(license ?? ''))).toEqual([]);
});

it('its SBOM is signed, with the hash of each of its files', () => {
  expect(said).toContain('sbom.cdx.json is signed');
  const bill = readFileSync(join(built, 'sbom.cdx.json'));
  const signature = readFileSync(join(built, 'sbom.cdx.json.sig'));
  expect(verify(null, bill, keys.publicKey, signature)).toBe(true);
  expect(verify(null, Buffer.concat([bill, Buffer.from(' ')]), keys.publicKey, signature)).toBe(false);
  const { metadata } = JSON.parse(bill.toString()) as {
    metadata: { component: { components: { name: string; hashes: { content: string }[] }[] } };
  };
  const listed = new Map(metadata.component.components.map(({ name, hashes }) => [name, hashes[0]?.content]));
  for (const name of ['main.js', 'lib/main.js', 'schema/accounts.graphql', 'package-lock.json', 'LICENSE']) {
    expect(listed.get(name)).toBe(
      createHash('sha256')
        .update(readFileSync(join(built, name)))
        .digest('hex'),
    );
  }
});

it.each([
  ['no key', 'nothing'],
  [
    'a key of another kind',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ],
])('the server is not built with %s in SBOM_SIGNING_KEY_FILE', (_name, content) => {
  const file = join(emptyFolder(), 'key.pem');
  writeFileSync(file, content);
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin', 'build-server.ts'), `${built}-not`], {
    env: { ...process.env, SBOM_SIGNING_KEY_FILE: file },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('must name a private Ed25519 key in PEM')]);
  expect(existsSync(`${built}-not`)).toBe(false);
});

it('no package runs a script at its installation, but for the two that are known', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const scripts = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
  expect(scripts.map(([path]) => path)).toEqual(['node_modules/@apollo/protobufjs', 'node_modules/node']);
});

it('the built server answers, signs in, and stops, on the embedded database', async () => {
  const sink = await openSink();
  const environment = {
    PORT: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k%201',
    OTEL_SERVICE_NAME: 'the-built-one',
  };
  const server = new Program([join(built, 'main.js')], { folder: emptyFolder(), environment });
  const url = await readyUrl(server);
  expect(server.output).toMatch(/^… creating the database.*\n… loading demo data/);
  const token = await signIn(url, 'admin');
  const change = (password: string): Promise<unknown> =>
    ask(url, `mutation { changePassword(current: "rolegate-demo-admin", next: "${password}") }`, token);
  expect(await change('passwordpassword')).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  expect(await ask(url, '{ me { username } users { totalCount } }', token)).toEqual({
    data: { me: { username: 'admin' }, users: { totalCount: 210 } },
  });
  expect(await (await fetch(url)).text()).toContain('rolegate-demo-developer');
  expect(await server.stop('SIGTERM')).toBe(0);
  // What was recorded last is sent before the end.
  expect(sink.requests).toContainEqual(expect.objectContaining({ path: '/v1/traces', key: 'k 1' }));
  expect(sink.requests).toContainEqual(expect.objectContaining({ path: '/v1/metrics', key: 'k 1' }));
  const sent = sink.requests.map(({ body }) => body).join('');
  for (const text of [
    'login_attempts_total',
    'http_request_duration_seconds',
    'the-built-one',
    'service.version',
    'POST /graphql',
    'authenticate',
    'db.query.text',
    'mutation',
  ]) {
    expect(sent).toContain(text);
  }
  expect(sent).not.toMatch(/passwordpassword|rolegate-demo/);
});

/** A collector's address for traces, which keeps what it is sent. Protobuf has texts as they are. */
async function openSink() {
  const requests: { path: string | undefined; key: unknown; body: string }[] = [];
  const server = createServer((request, response) => {
    const { url: path, headers } = request;
    const keep = async (): Promise<void> => {
      requests.push({ path, key: headers['x-key'], body: (await buffer(request)).toString('latin1') });
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    };
    void keep();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const run = (...args: readonly string[]): Program =>
  new Program([join(built, 'cli.js'), ...args], { folder: emptyFolder() });

describe('the commands', () => {
  it('the built server contains the commands', async () => {
    const check = run('access', 'check');
    expect([await check.ends(), check.output]).toEqual([0, 'Access is as it was reviewed\n']);
  });

  it('commands that write sources say that there are no sources', async () => {
    for (const command of [run('new', 'domain', 'supplier'), run('database', 'create', 'phone')]) {
      expect([await command.ends(), command.output]).toEqual([
        1,
        expect.stringContaining('in a clone of the repository'),
      ]);
    }
  });
});

const { serverUrl } = inject('database');

// There is a server to try it on when the run is for PostgreSQL.
describe.each(serverUrl === null ? [] : [serverUrl])('on a PostgreSQL server', (serverUrl) => {
  it('the built server answers in several processes', async () => {
    const name = `rolegate_built_${randomUUID().slice(0, 8)}`;
    await onServer(serverUrl, `create database ${name}`);
    onTestFinished(() => onServer(serverUrl, `drop database ${name} with (force)`));
    const environment = {
      PORT: '0',
      METRICS_PORT: '0',
      WORKERS: '2',
      DATABASE_URL: urlOf(serverUrl, name),
      JWT_SECRET: 'VnR5p0mQ8hZ2kYw1sT4uXc7bA9dFgJ3l',
      JWT_ISSUER: 'https://api.example.com',
      JWT_AUDIENCE: 'https://api.example.com/graphql',
    };
    const server = new Program([join(built, 'main.js')], { folder: emptyFolder(), environment });
    expect(await ask(await readyUrl(server), '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    expect(await server.stop('SIGTERM')).toBe(0);
  });
});
