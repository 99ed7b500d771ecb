import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { DATABASE, faults, PRODUCTION, refusalOf, SECRET } from './environments.ts';

describe('JWT_SECRET', () => {
  it.each([
    ['one byte too short', 'aB3$x9!kQ7zP1mW5vT8nR2cY6uJ4hL0'],
    ['one letter', 'a'.repeat(64)],
    ['a short pattern', 'abcdefghij'.repeat(5)],
    ['a repeated word', 'secret'.repeat(8)],
    ['the word of every template', 'changeme-changeme-changeme-changeme'],
    ['a request to be replaced', 'please-replace-this-with-your-own-value-1'],
    ["jwt.io's example", 'your-256-bit-secret-your-256-bit-secret'],
    ['filler words', 'my-super-secret-jwt-signing-key-1234567'],
    ['the alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['the hexadecimal digits', '0123456789abcdef0123456789abcdef'],
    ['32 characters of which the blanks are trimmed', '  aB3$x9!kQ7zP1mW5vT8nR2cY6uJ4h   '],
  ])('a secret is refused if it is %s', (_, JWT_SECRET) => {
    expect(faults({ ...PRODUCTION, JWT_SECRET })).toEqual(['JWT_SECRET']);
  });

  it('the length of a secret counts bytes, not characters', () => {
    expect(readConfig({ JWT_SECRET: 'äöüßéèêçñøåæœłđş' }).jwt.secrets).toHaveLength(1);
  });

  it('every text of a random generator is accepted', () => {
    const encodings = fc.constantFrom('hex' as const, 'base64' as const, 'base64url' as const);
    fc.assert(
      fc.property(encodings, fc.integer({ min: 32, max: 64 }), (encoding, bytes) => {
        const JWT_SECRET = randomBytes(bytes).toString(encoding);
        expect(readConfig({ JWT_SECRET }).jwt.secrets).toEqual([JWT_SECRET]);
      }),
      { numRuns: 300 },
    );
  });

  it('a list of secrets is checked one by one, and an error names the place', () => {
    const other = SECRET.split('').toReversed().join('');
    expect(readConfig({ JWT_SECRET: `${SECRET}, ${other},` }).jwt.secrets).toEqual([SECRET, other]);
    expect(refusalOf({ JWT_SECRET: `${SECRET},secret` }).message).toContain('JWT_SECRET (item 2) is shorter');
    expect(faults({ JWT_SECRET: ' , ' })).toEqual(['JWT_SECRET']);
  });
});

describe('single variables', () => {
  const VALUES: [name: string, good: string[], bad: string[]][] = [
    ['PORT', ['0', '1', '65535', ' 80 '], ['65536', '-1', '80.5', '1e3', '0x50', 'http', '99999999999999999999']],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      ['http://localhost:4318', 'https://otel.example/x/'],
      ['localhost:4318', 'grpc://x'],
    ],
    ['OTEL_EXPORTER_OTLP_HEADERS', ['a=b', 'a=b%20c, d=e', 'key=a=b'], ['a', '=b', 'a=%E0%A4%A', 'a b=c']],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', ['http/protobuf'], ['grpc', 'http/json']],
    ['OTEL_TRACES_EXPORTER', ['otlp', 'none'], ['jaeger', 'otlp,console', 'OTLP']],
    ['OTEL_METRICS_EXPORTER', ['otlp', 'none'], ['prometheus']],
    ['OTEL_METRIC_EXPORT_INTERVAL', ['1000', '60000'], ['999', '0', '1.5', '3600001']],
    ['OTEL_TRACES_SAMPLER', ['always_on', 'parentbased_traceidratio'], ['jaeger_remote', 'on']],
    ['OTEL_TRACES_SAMPLER_ARG', ['0', '1', '0.25', '.5', '1.0'], ['1.1', '-1', '2', 'x', '1e-3']],
    ['TRACE_RESOLVERS_PERCENT', ['0', '100'], ['101', '0.5']],
    ['METRICS_PORT', ['9464', '0'], ['4000', 'no']],
    ['HOST', ['0.0.0.0', '::', 'localhost', 'api-1.internal'], ['http://x', 'a:80', 'a b', '-a', 'a..b', '[::1]']],
    ['ACCESS_TOKEN_MINUTES', ['1', '1440'], ['0', '1441', '1.5', '15m', 'Infinity', 'NaN']],
    ['SESSION_DAYS', ['1', '365'], ['0', '366', '-3']],
    ['LOGIN_FAILURES_PER_ACCOUNT', ['1', '100000'], ['0', '100001', 'none']],
    ['BASIC_AUTH', ['true', 'FALSE', '1', '0', 'yes', 'no', 'on', 'off'], ['2', 'maybe', 'tru', 'null']],
    ['OPEN_REGISTRATION', ['true'], ['enabled']],
    ['MFA_REQUIRED_ROLES', ['ADMIN', 'SUPER_ADMIN, GUEST'], ['admin', 'ADMN', 'ADMIN,LEAD', 'users:write']],
    [
      'WEBAUTHN_RP_ID',
      ['localhost'],
      ['127.0.0.1', '::1', '[::1]', 'Example.com', 'https://a.example', 'a.example', 'a b', '*'],
    ],
    ['DEMO_DATA', ['false'], ['demo']],
    ['LOG_LEVEL', ['silent', 'trace'], ['verbose', 'INFO', 'warning']],
    ['SCHEMA_VISIBILITY', ['full', 'role'], ['roles', 'none', 'Role']],
    [
      'CORS_ORIGINS',
      ['https://a.example', 'http://localhost:3000, https://a.example:8443', 'http://[::1]:3000'],
      [
        '*',
        'a.example',
        'https://a.example/',
        'https://a.example/path',
        'https://*.example',
        'https://A.example',
      ].concat([
        'null',
        'https://a.example:443',
        'https://u:p@a.example',
        'file:///x',
        'https://a.example https://b.example',
      ]),
    ],
    ['WEBHOOK_ALLOWED_NETWORKS', ['10.0.0.0/8', '127.0.0.1, fd00::/8'], ['0.0.0.0/0', 'internal', '10.0.0.0/33']],
    ['PUBLIC_URL', ['https://api.example.com'], ['https://api.example.com/', 'api.example.com', 'ftp://x']],
    [
      'TRUST_PROXY',
      ['10.0.0.0/8', '127.0.0.1, ::1', 'fd00::/8'],
      ['true', '1', '0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', 'proxy.internal', ','],
    ],
    [
      'FIRST_ADMIN_PASSWORD',
      [],
      ['fourteen chars', '😀'.repeat(14), 'x'.repeat(129), 'rolegate-demo-superadmin', 'ChangeMe-ChangeMe'],
    ],
    ['FIRST_ADMIN_LOGIN', [], ['a', 'Admin', 'ad min', 'a@b', 'x'.repeat(41)]],
  ];

  it.each(VALUES.flatMap(([name, good]) => good.map((text) => ({ name, text }))))(
    '$name may be "$text"',
    (variable) => {
      expect(readConfig({ [variable.name]: variable.text })).toBeDefined();
    },
  );

  it.each(VALUES.flatMap(([name, , bad]) => bad.map((text) => ({ name, text }))))(
    '$name is not "$text"',
    (variable) => {
      expect(faults({ [variable.name]: variable.text })).toContain(variable.name);
    },
  );

  const DATABASES = ['DATABASE_URL', 'DATABASE_ADMIN_URL', 'DATABASE_LISTEN_URL'];

  it.each(DATABASES)('%s is a connection URI of PostgreSQL with a host and a database', (name) => {
    for (const url of [DATABASE, 'postgresql://h/db', 'postgres:///db?host=/var/run/postgresql']) {
      expect(readConfig({ ...PRODUCTION, [name]: url })).toBeDefined();
    }
    for (const url of ['mysql://h/db', 'h:5432/db', 'postgres://h', 'postgres:///db', 'postgres://h:port/db', 'x']) {
      expect(faults({ ...PRODUCTION, [name]: url })).toEqual([name]);
    }
  });

  it('blanks are trimmed, but not those of a password', () => {
    const config = readConfig({ FIRST_ADMIN_LOGIN: ' root ', FIRST_ADMIN_PASSWORD: ' a quiet wooden bridge ' });
    expect(config.firstAdmin).toEqual({ login: 'root', password: ' a quiet wooden bridge ' });
  });

  it('login limits are read as failures and seconds', () => {
    expect(readConfig({ LOGIN_FAILURES_PER_ADDRESS: '7' }).loginLimits).toEqual({
      perAccountAndAddress: { failures: 10, windowSeconds: 900 },
      perAccount: { failures: 100, windowSeconds: 900 },
      perAddress: { failures: 7, windowSeconds: 3600 },
    });
  });
});
