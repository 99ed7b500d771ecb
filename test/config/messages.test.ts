import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readConfig, VARIABLES } from '../../src/config/config.ts';
import { MAPPABLE_ROLES } from '../../src/config/types.ts';
import { DATABASE, everythingSaid, faults, PRODUCTION, refusalOf, SECRET } from './environments.ts';

describe('names that look like ours', () => {
  it.each([
    ['DATABASE_REPLICA_URL', 'DATABASE_REPLICA_URLS'],
    ['open_registration', 'OPEN_REGISTRATION'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['HOSTS', 'HOST'],
  ])('%s is taken for a misspelt %s', (name, meant) => {
    expect(readConfig({ [name]: 'x' }).warnings).toEqual([
      `${name} is not a variable of this server: rename it to ${meant}, or remove it`,
    ]);
  });

  it.each([
    ['NODE_ENVV', 'production'],
    ['node_env', 'production'],
    ['NODE-ENV', 'production'],
    ['NODEENV', 'production'],
    ['\uFEFFNODE_ENV', 'production'],
    ['NODE_ENV\u200B', 'production'],
    ['NODE_ENV ', 'production'],
    ['NОDE_ENV', 'production'],
    ['DATABASE_URI', DATABASE],
    ['DATABASEURL', DATABASE],
    ['JWT_SECRETS', SECRET],
    ['DEMODATA', 'false'],
    ['DEMO_DATE', 'false'],
    ['BASIC_AUHT', 'false'],
    ['SCHEMA_VISIBILTY', 'role'],
    ['LOGIN_FAILURES_PER_ADRESS', '5'],
  ])(
    'the misspelt name %j stops the start: without the meant variable the server would be less safe',
    (name, value) => {
      const { message } = refusalOf({ [name]: value });
      expect(message).toMatch(
        /^ {2}[\x21-\x7e]+ is not a variable of this server: rename it to [A-Z_]+, or remove it$/m,
      );
      expect(message).not.toContain(value);
    },
  );

  it('a misspelt name causes a warning when the meant variable is set as well', () => {
    expect(readConfig({ NODE_ENV: 'development', NODEENV: 'x' }).warnings).toEqual([
      'NODEENV is not a variable of this server: rename it to NODE_ENV, or remove it',
    ]);
  });

  it('misspelt names are listed with the problems they cause', () => {
    expect(faults({ ...PRODUCTION, JWT_SECRET: undefined, JWT_SECRETS: SECRET })).toEqual([
      'JWT_SECRET',
      'JWT_SECRETS',
    ]);
  });

  it('variables of other programs are ignored', () => {
    const others = 'HOME,PATH,PWD,HOSTNAME,PGPORT,PGHOST,SHELL,USER,TERM,LANG,CI,NODE_OPTIONS,npm_config_port,SHLVL';
    const environment = Object.fromEntries(others.split(',').map((name) => [name, 'x']));
    expect(readConfig(environment).warnings).toEqual([]);
  });
});

describe('the message', () => {
  it('one message lists every problem, each with what to do', () => {
    const error = refusalOf({
      PORT: 'x',
      LOG_LEVEL: 'loud',
      SESSION_DAYS: '0',
      IDP_ISSUER: 'x',
      NODE_ENV: 'production',
    });
    expect(error.problems).toHaveLength(9);
    for (const { variable, message } of error.problems) {
      expect(error.message).toContain(`${variable} ${message}`);
    }
  });

  it('the message never repeats a value, whichever variable holds it', () => {
    const marker = 'S3CR3T-marker';
    const values = [marker, `postgres://u:${marker}@h`, `https://x/${marker}`, `a=${marker},${marker}=ADMIN`];
    const said = VARIABLES.flatMap((name) => values.map((value) => everythingSaid({ [name]: value })));
    expect(said.join('\n')).toContain('DATABASE_URL must be a URL');
    expect(said.join('\n')).not.toContain(marker);
  });

  it('any text in any variable is accepted or a problem of configuration, never a crash', () => {
    const variable = fc.constantFrom(...VARIABLES);
    const environments = fc.dictionary(variable, fc.string({ unit: 'binary' }), { maxKeys: 8 });
    fc.assert(
      fc.property(environments, (environment) => {
        expect(everythingSaid(environment)).toBeTypeOf('string');
      }),
      { numRuns: 300 },
    );
  });

  it('the configuration cannot be changed afterwards', () => {
    const config = readConfig({ ...PRODUCTION, CORS_ORIGINS: 'https://a.example' });
    for (const part of [config, config.jwt, config.jwt.secrets, config.database, config.corsOrigins, config.warnings]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('the documentation', () => {
  const FIRST = `PORT HOST DATA_DIR DATABASE_URL DATABASE_ADMIN_URL DATABASE_LISTEN_URL DATABASE_REPLICA_URLS JWT_SECRET
    JWT_ISSUER JWT_AUDIENCE ACCESS_TOKEN_MINUTES SESSION_DAYS BASIC_AUTH IDP_ISSUER IDP_AUDIENCE IDP_JWKS_URL
    IDP_ROLES_CLAIM IDP_ROLES OPEN_REGISTRATION CORS_ORIGINS SCHEMA_VISIBILITY DEMO_DATA FIRST_ADMIN_LOGIN
    FIRST_ADMIN_PASSWORD LOG_LEVEL METRICS_PORT`;
  const ADDED = `MFA_REQUIRED_ROLES WEBAUTHN_RP_ID IDP_SECRET IDP_ISSUERS IDP_PERMISSIONS_CLAIM NODE_ENV SESSION_IDLE_DAYS PUBLIC_URL TRUST_PROXY SMTP_URL MAIL_FROM LOGIN_FAILURES_PER_ACCOUNT_AND_ADDRESS
    LOGIN_FAILURES_PER_ACCOUNT LOGIN_FAILURES_PER_ADDRESS WORKERS SHUTDOWN_DELAY_SECONDS
    IDLE_CONNECTIONS_PER_ADDRESS COST_PER_VIEWER COST_PER_ADDRESS ACCESS_LOG DATABASE_REPLICA_MAX_LAG_SECONDS
    OTEL_SDK_DISABLED OTEL_EXPORTER_OTLP_ENDPOINT OTEL_EXPORTER_OTLP_TRACES_ENDPOINT OTEL_EXPORTER_OTLP_HEADERS
    OTEL_EXPORTER_OTLP_PROTOCOL OTEL_SERVICE_NAME OTEL_RESOURCE_ATTRIBUTES OTEL_TRACES_SAMPLER OTEL_TRACES_SAMPLER_ARG
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT OTEL_TRACES_EXPORTER OTEL_METRICS_EXPORTER OTEL_METRIC_EXPORT_INTERVAL
    TRACE_RESOLVERS_PERCENT PUBLIC_AUTHOR_NAMES TRUSTED_DOCUMENTS REQUIRE_VERIFIED_EMAIL API_KEY_DAYS SIGN_IN_ISSUERS
    WEBHOOK_ALLOWED_NETWORKS`;
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const entries = [...example.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({ name, value }));

  it('the documentation lists exactly the variables of the configuration', () => {
    expect([...VARIABLES].sort()).toEqual(`${FIRST} ${ADDED}`.split(/\s+/).sort());
  });

  it('.env.example has every variable once, and sets none', () => {
    expect(entries.map(({ name }) => name).sort()).toEqual([...VARIABLES].sort());
    expect(example.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  it('the documented mapping names every built-in role but SUPER_ADMIN', () => {
    const sdl = readFileSync(new URL('../../schema/roles.graphql', import.meta.url), 'utf8');
    const values = parse(sdl).definitions.flatMap((node) =>
      node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'Role' ? (node.values ?? []) : [],
    );
    const roles = values.map(({ name }) => name.value).filter((name) => name !== 'SUPER_ADMIN');
    expect([...MAPPABLE_ROLES].sort()).toEqual(roles.sort());
  });

  it('.env.example shows the real defaults', () => {
    const defaults = entries.filter(({ value }) => !value.startsWith('<'));
    const idp = { IDP_ISSUER: 'https://login.example.com', IDP_AUDIENCE: 'api' };
    const shown = readConfig({ ...idp, ...Object.fromEntries(defaults.map(({ name, value }) => [name, value])) });
    expect(defaults.length).toBeGreaterThan(10);
    expect(shown).toEqual(readConfig(idp));
  });
});
