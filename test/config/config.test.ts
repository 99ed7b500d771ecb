import { describe, expect, it } from 'vitest';
import { type Environment, readConfig, readTablesConfig } from '../../src/config/config.ts';
import { DATABASE, faults, PRODUCTION, SECRET } from './environments.ts';

describe('the domain of passkeys', () => {
  const API = 'https://api.example.com';
  const APP = 'https://app.example.com';
  const OTHER = 'https://other.example';

  it.each<[string, Environment, unknown]>([
    ['of a demo', {}, { id: 'localhost', origins: [] }],
    ['of PUBLIC_URL', { PUBLIC_URL: API, CORS_ORIGINS: `${APP},${OTHER}` }, { id: 'api.example.com', origins: [API] }],
    [
      'a parent, with the origins within it',
      { PUBLIC_URL: API, CORS_ORIGINS: `${APP},${OTHER},http://old.example.com`, WEBAUTHN_RP_ID: 'example.com' },
      { id: 'example.com', origins: [API, APP] },
    ],
    [
      'of the pages alone',
      { CORS_ORIGINS: APP, WEBAUTHN_RP_ID: 'app.example.com' },
      { id: 'app.example.com', origins: [APP] },
    ],
    ['not of an address', { PUBLIC_URL: 'http://127.0.0.1:4000' }, null],
    ['not of an address in brackets', { PUBLIC_URL: 'https://[::1]:4000' }, null],
    ['not over http', { PUBLIC_URL: 'http://api.example.com' }, null],
    [
      'not without a public URL',
      { DATABASE_URL: DATABASE, JWT_SECRET: SECRET, JWT_ISSUER: 'a', JWT_AUDIENCE: 'b' },
      null,
    ],
  ])('the domain is chosen by the configuration: %s', (_, environment, expected) => {
    expect(readConfig(environment).webauthn).toEqual(expected);
  });

  it.each<[string, Environment]>([
    ['no page is within', { PUBLIC_URL: API, WEBAUTHN_RP_ID: 'other.example' }],
    ['the page is of a parent', { PUBLIC_URL: 'https://example.com', WEBAUTHN_RP_ID: 'api.example.com' }],
    ['the name only ends alike', { PUBLIC_URL: 'https://badexample.com', WEBAUTHN_RP_ID: 'example.com' }],
    ['the page is not over https', { PUBLIC_URL: 'http://api.example.com', WEBAUTHN_RP_ID: 'example.com' }],
    ['there is no page', { WEBAUTHN_RP_ID: 'example.com' }],
  ])('the configuration is refused if %s', (_, environment) => {
    expect(faults(environment)).toEqual(['WEBAUTHN_RP_ID']);
  });
});

describe('the demo', () => {
  it('the demo needs no variables', () => {
    expect(readConfig({})).toMatchObject({
      demo: true,
      production: false,
      host: '127.0.0.1',
      port: 4000,
      dataDir: '.data',
      database: null,
      jwt: { secrets: [] },
      accessTokenMinutes: 15,
      sessionDays: 30,
      basicAuth: true,
      openRegistration: false,
      schemaVisibility: 'full',
      demoData: true,
      corsOrigins: ['https://studio.apollographql.com'],
      warnings: [],
    });
  });

  it('no traces and no metrics are sent unless a collector is named by any variable', () => {
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318/';
    expect(readConfig({ OTEL_SERVICE_NAME: 'shop' }).telemetry).toBeNull();
    expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' }).telemetry).toBeNull();
    expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT }).telemetry).toMatchObject({
      tracesUrl: 'http://collector:4318/v1/traces',
      metricsUrl: 'http://collector:4318/v1/metrics',
      metricsInterval: 60_000,
      serviceName: 'rolegate',
    });
    const both = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' };
    expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT, ...both }).telemetry).toBeNull();
    const OTEL_EXPORTER_OTLP_METRICS_ENDPOINT = 'https://metrics.example/in';
    expect(readConfig({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT }).telemetry).toMatchObject({
      tracesUrl: null,
      metricsUrl: OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    });
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = 'https://traces.example/in';
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,team=a%2Cb', OTEL_EXPORTER_OTLP_HEADERS: 'k=v=' };
    expect(
      readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, ...attributes }).telemetry,
    ).toMatchObject({
      tracesUrl: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      serviceName: 'shop',
      resourceAttributes: { team: 'a,b' },
      headers: { k: 'v=' },
    });
  });

  it('the demo accepts a secret, which must be strong', () => {
    expect(readConfig({ JWT_SECRET: SECRET }).jwt.secrets).toEqual([SECRET]);
    expect(faults({ JWT_SECRET: 'short' })).toEqual(['JWT_SECRET']);
  });

  it('the demo may run without demo data', () => {
    expect(readConfig({ DEMO_DATA: 'off' })).toMatchObject({ demo: true, demoData: false });
  });

  it('a warning is printed when other machines can reach its public passwords', () => {
    expect(readConfig({ HOST: '0.0.0.0' }).warnings).toEqual([expect.stringContaining('HOST')]);
    expect(readConfig({ HOST: '0.0.0.0', DEMO_DATA: 'false' }).warnings).toEqual([]);
    for (const HOST of ['localhost', '127.0.0.2', '::1']) {
      expect(readConfig({ HOST }).warnings).toEqual([]);
    }
  });
});

describe('a server with a database of its own', () => {
  it('four variables start a production server, with safe defaults', () => {
    expect(readConfig(PRODUCTION)).toMatchObject({
      demo: false,
      production: true,
      basicAuth: false,
      demoData: false,
      openRegistration: false,
      corsOrigins: [],
      trustProxy: [],
      database: { url: DATABASE, adminUrl: null, listenUrl: null },
    });
  });

  it('a server with a database is not a demo outside production either', () => {
    const config = readConfig({ ...PRODUCTION, NODE_ENV: undefined });
    expect(config).toMatchObject({ demo: false, production: false, basicAuth: true, demoData: false, corsOrigins: [] });
  });

  it.each(['DATABASE_URL', 'JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE'])(
    'the server does not start without %s',
    (name) => {
      for (const absent of [undefined, '', '  ']) {
        expect(faults({ ...PRODUCTION, [name]: absent })).toEqual([name]);
      }
    },
  );

  it('everything that is missing is listed at once', () => {
    expect(faults({ NODE_ENV: 'production' })).toEqual(['DATABASE_URL', 'JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE']);
    expect(faults({ DATABASE_URL: DATABASE })).toEqual(['JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE']);
  });

  it('commands on the tables alone need no secret of tokens', () => {
    const { database, production } = readTablesConfig({ NODE_ENV: 'production', DATABASE_URL: DATABASE });
    expect([database?.url, production]).toEqual([DATABASE, true]);
    expect(() => readTablesConfig({ NODE_ENV: 'production' })).toThrow(/^ {2}DATABASE_URL is missing: [^\n]*$/m);
    expect(() => readTablesConfig({ DATABASE_URL: DATABASE, JWT_SECRET: 'short' })).toThrow('JWT_SECRET');
  });

  it('a misspelt "production" does not start a demo', () => {
    for (const NODE_ENV of ['prod', 'Production', 'staging']) {
      expect(faults({ ...PRODUCTION, NODE_ENV })).toContain('NODE_ENV');
    }
  });

  it('a server that lacks only DATABASE_URL does not start a demo', () => {
    expect(faults({ DATABASE_ADMIN_URL: DATABASE })).toEqual(['DATABASE_URL']);
    expect(faults({ DATABASE_REPLICA_URLS: DATABASE })).toEqual(['DATABASE_URL']);
  });

  it('addresses of read replicas are read, and how far they may lag', () => {
    const urls = ['postgres://app@replica-1/rolegate', 'postgres://app@replica-2:6432/rolegate'];
    const config = readConfig({ ...PRODUCTION, DATABASE_REPLICA_URLS: urls.join(', ') });
    expect(config.database).toMatchObject({ replicaUrls: urls, replicaMaxLagSeconds: 5 });
    const lagging = readConfig({ ...PRODUCTION, DATABASE_REPLICA_MAX_LAG_SECONDS: '60' });
    expect(lagging.database).toMatchObject({ replicaUrls: [], replicaMaxLagSeconds: 60 });
  });

  it.each(['x', ',', `${DATABASE},http://replica`])('a text that is not a list of replicas is refused: %s', (urls) => {
    expect(faults({ ...PRODUCTION, DATABASE_REPLICA_URLS: urls })).toEqual(['DATABASE_REPLICA_URLS']);
    expect(readConfig({ ...PRODUCTION, DATABASE_REPLICA_URLS: ' ' })).toBeDefined();
  });

  it('demo data is never loaded in production', () => {
    for (const DEMO_DATA of ['true', '1', 'YES']) {
      expect(faults({ ...PRODUCTION, DEMO_DATA })).toEqual(['DEMO_DATA']);
    }
    expect(readConfig({ ...PRODUCTION, NODE_ENV: 'test', DEMO_DATA: 'true' }).demoData).toBe(true);
  });

  it.each([
    ['PUBLIC_URL', 'http://api.example.com', 'http://127.0.0.1:4000'],
    ['CORS_ORIGINS', 'https://a.example,http://b.example', 'https://a.example,http://localhost:3000'],
    ['IDP_ISSUER', 'http://login.example.com', 'http://localhost:8080/realms/x'],
    ['IDP_JWKS_URL', 'http://login.example.com/jwks', 'http://[::1]:8080/jwks'],
  ])('the variable %s takes https addresses in production, and others of this machine only', (name, open, loopback) => {
    const idp = { IDP_ISSUER: 'https://login.example.com', IDP_AUDIENCE: 'api' };
    expect(faults({ ...PRODUCTION, ...idp, [name]: open })).toEqual([name]);
    expect(readConfig({ ...PRODUCTION, ...idp, [name]: loopback })).toBeDefined();
    expect(readConfig({ ...PRODUCTION, ...idp, NODE_ENV: 'development', [name]: open })).toBeDefined();
  });
});

describe('variables that belong together', () => {
  const SETS: [Environment, string[]][] = [
    [{ FIRST_ADMIN_LOGIN: 'root' }, ['FIRST_ADMIN_PASSWORD']],
    [{ FIRST_ADMIN_PASSWORD: 'a quiet wooden bridge' }, ['FIRST_ADMIN_LOGIN']],
    [{ IDP_ISSUER: 'https://login.example.com' }, ['IDP_AUDIENCE']],
    [{ IDP_AUDIENCE: 'api' }, ['IDP_ISSUER']],
    [{ IDP_ROLES: 'a=ADMIN' }, ['IDP_ISSUER', 'IDP_AUDIENCE']],
    [{ IDP_ROLES_CLAIM: 'groups' }, ['IDP_ISSUER', 'IDP_AUDIENCE']],
    [{ IDP_JWKS_URL: 'https://login.example.com/jwks' }, ['IDP_ISSUER', 'IDP_AUDIENCE']],
    [{ SMTP_URL: 'smtp://localhost' }, ['MAIL_FROM', 'PUBLIC_URL']],
    [{ MAIL_FROM: 'a@b.example' }, ['SMTP_URL']],
  ];

  it.each(SETS)('an incomplete combination is refused: %o', (environment, missing) => {
    expect(faults(environment)).toEqual(missing);
  });

  it('the external issuer differs from our own, and metrics have a port of their own', () => {
    const clash = { ...PRODUCTION, IDP_ISSUER: PRODUCTION['JWT_ISSUER'], IDP_AUDIENCE: 'api' };
    expect(faults(clash)).toEqual(['IDP_ISSUER']);
    expect(faults({ METRICS_PORT: '9000', PORT: '9000' })).toEqual(['METRICS_PORT']);
    expect(readConfig({ METRICS_PORT: '0', PORT: '0' }).metricsPort).toBe(0);
  });

  it('the idle time of a session is at most its lifetime', () => {
    expect(faults({ SESSION_IDLE_DAYS: '8', SESSION_DAYS: '7' })).toEqual(['SESSION_IDLE_DAYS']);
    expect(faults({ SESSION_IDLE_DAYS: '31' })).toEqual(['SESSION_IDLE_DAYS']);
    expect(readConfig({ SESSION_DAYS: '3' })).toMatchObject({ sessionDays: 3 });
    expect(readConfig({ SESSION_IDLE_DAYS: '30' })).toMatchObject({ sessionIdleDays: 30 });
  });

  it('several workers do not share the embedded data', () => {
    expect(faults({ WORKERS: '2' })).toEqual(['WORKERS']);
    expect(readConfig({ WORKERS: '1' })).toMatchObject({ workers: 1 });
  });

  it('a warning is printed for a public https server whose clients would share the address of its proxy', () => {
    const open = { ...PRODUCTION, PUBLIC_URL: 'https://api.example.com' };
    expect(readConfig(open).warnings).toEqual([expect.stringContaining('TRUST_PROXY')]);
    expect(readConfig({ ...open, TRUST_PROXY: '10.0.0.0/8' }).warnings).toEqual([]);
  });
});

it.each<[Environment, boolean]>([
  [{}, false],
  [{ LOG_LEVEL: 'info' }, true],
  [{ LOG_LEVEL: 'trace' }, true],
  [{ LOG_LEVEL: 'warn' }, false],
  [{ LOG_LEVEL: 'silent' }, false],
  [{ LOG_LEVEL: 'info', ACCESS_LOG: 'false' }, false],
])('requests have lines in the log where lines of their level are logged: %j', (environment, expected) => {
  expect(readConfig(environment).accessLog).toBe(expected);
});
