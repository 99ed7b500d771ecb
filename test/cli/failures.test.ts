import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeFailure } from '../../src/cli/failures.ts';
import { demoSecret } from '../../src/lib/secrets.ts';

const database = {
  url: 'postgres://u:hunter2@db/x',
  adminUrl: null,
  listenUrl: null,
  replicaUrls: [],
  replicaMaxLagSeconds: 5,
};
const server = { host: '127.0.0.1', metricsPort: 9464, dataDir: '.data', database };

/** An error of Node, of the driver or of the server, as far as its fields go. */
const failure = (message: string, facts: object = {}): Error => Object.assign(new Error(message), facts);

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-failures-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a failed start with PostgreSQL', () => {
  const connect = { syscall: 'connect', address: '10.0.0.1', port: 5432 };
  it.each([
    ['a wrong password', failure('password authentication failed', { code: '28P01' }), /user and the password/],
    ['an unknown user', failure('no pg_hba.conf entry', { code: '28000' }), /pg_hba\.conf/],
    ['an unknown database', failure('database "x" does not exist', { code: '3D000' }), /create database/],
    ['too many connections', failure('sorry', { code: '53300' }), /max_connections/],
    ['a server that starts', failure('starting up', { code: '57P03' }), /Try again/],
    ['a missing right', failure('permission denied', { code: '42501' }), /DATABASE_ADMIN_URL/],
    ['no listener', failure('refused', { ...connect, code: 'ECONNREFUSED' }), /at 10\.0\.0\.1:5432 cannot be reached/],
    ['an unknown host', failure('dns', { syscall: 'getaddrinfo', hostname: 'db', code: 'ENOTFOUND' }), /at db cannot/],
    ['no route', failure('route', { ...connect, code: 'EHOSTUNREACH' }), /EHOSTUNREACH/],
    ['no answer', failure('timeout exceeded when trying to connect'), /no answer in time/],
    ['no TLS', failure('The server does not support SSL connections'), /sslmode/],
    ['an unknown authority', failure('tls', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), /sslrootcert/],
    ['a cause', new Error('outer', { cause: failure('inner', { code: '28P01' }) }), /refused the login/],
    ['one of several', new AggregateError([failure('a', { ...connect, code: 'ECONNREFUSED' })]), /cannot be reached/],
  ])('a failed start is described in one sentence: %s', (_case, error, expected) => {
    const text = describeFailure(error, server);
    expect(text).toMatch(expected);
    expect(text).toMatch(/\.$/);
    expect(text).not.toMatch(/\n|hunter2/);
  });
});

describe('an address that cannot be listened on', () => {
  it.each([
    ['the port of metrics', { code: 'EADDRINUSE', port: 9464 }, /port 9464 .*METRICS_PORT\.$/],
    ['the port', { code: 'EADDRINUSE', port: 4000 }, /port 4000 .* PORT\.$/],
    ['a port of the system', { code: 'EACCES', port: 80 }, /above 1023 with PORT/],
    ['another machine’s address', { code: 'EADDRNOTAVAIL', port: 4000 }, /127\.0\.0\.1 is not an address .*HOST/],
    ['a host without an address', { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: '127.0.0.1' }, /Set HOST/],
  ])('the address is described in one sentence: %s', (_case, facts, expected) => {
    expect(describeFailure(failure('listen', { syscall: 'listen', ...facts }), server)).toMatch(expected);
  });
});

const embedded = (dataDir: string) => ({ host: '127.0.0.1', metricsPort: null, dataDir, database: null });

describe('the embedded database', () => {
  it('a folder that cannot be written is described in one sentence', () => {
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, '');
    expect(describeFailure(failure('anything'), embedded(file))).toMatch(/cannot be written \(EEXIST\).*DATA_DIR/);
    expect(describeFailure(failure('anything'), embedded(join(file, 'below')))).toMatch(/cannot be written/);
  });

  it('a damaged folder is described when the engine aborts', () => {
    for (const error of [{ name: 'ExitStatus', status: 1 }, new WebAssembly.RuntimeError('unreachable')]) {
      expect(describeFailure(error, embedded(emptyFolder()))).toMatch(/probably damaged\. Restore .* from a backup/);
    }
  });

  it('a secret that is empty or truncated is described', () => {
    for (const text of ['', '\n', 'short']) {
      const folder = join(emptyFolder(), 'data');
      mkdirSync(folder);
      writeFileSync(join(folder, 'jwt-secret'), text);
      expect(() => demoSecret(folder)).toThrow(/jwt-secret" is empty or truncated\. Restore it .* or delete it/);
    }
    const folder = emptyFolder();
    expect(demoSecret(folder)).toBe(demoSecret(folder));
  });
});

it('a bug keeps its stack', () => {
  expect(describeFailure(new TypeError('x is not a function'), server)).toBeNull();
  expect(describeFailure(new TypeError('x is not a function'), null)).toBeNull();
  expect(describeFailure(failure('refused', { code: 'ECONNREFUSED' }), null)).toBeNull();
});
