import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Kind, parse } from 'graphql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError, type Environment, loadEnvironment, readConfig, VARIABLES } from '../../src/config/config.ts';
import { MAPPABLE_ROLES } from '../../src/config/types.ts';

const SECRET = 'qV9tX2mLr7ZcKd4WnY8uBh3sPf6jGa1eRo5TiN0w';
const DATABASE = 'postgres://rolegate:hunter2@db.internal:5432/rolegate';

/** The least with which production starts. */
const PRODUCTION: Environment = {
  NODE_ENV: 'production',
  DATABASE_URL: DATABASE,
  JWT_SECRET: SECRET,
  JWT_ISSUER: 'https://api.example.com',
  JWT_AUDIENCE: 'https://api.example.com/graphql',
};

function refusalOf(environment: Environment): ConfigError {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error;
    }
    throw error;
  }
  throw new Error(`this environment is accepted: ${JSON.stringify(environment)}`);
}

/** Which variables the environment is refused for. */
function faults(environment: Environment): string[] {
  return refusalOf(environment).problems.map(({ variable }) => variable);
}

/** What a log could hold of this environment: warnings, or the refusal. Any other error is a failure. */
function everythingSaid(environment: Environment): string {
  try {
    return readConfig(environment).warnings.join('\n');
  } catch (error) {
    if (error instanceof ConfigError) {
      return `${error.message} ${error.stack} ${JSON.stringify(error)}`;
    }
    throw error;
  }
}

/** A `.env` that is gone after the test. */
function envFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, '.env'), text);
  return join(folder, '.env');
}

describe('the demo', () => {
  it('needs nothing at all', () => {
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

  it('takes a secret of its own, which must be good', () => {
    expect(readConfig({ JWT_SECRET: SECRET }).jwt.secrets).toEqual([SECRET]);
    expect(faults({ JWT_SECRET: 'short' })).toEqual(['JWT_SECRET']);
  });

  it('can do without demo data', () => {
    expect(readConfig({ DEMO_DATA: 'off' })).toMatchObject({ demo: true, demoData: false });
  });

  it('warns when other machines can reach its public passwords', () => {
    expect(readConfig({ HOST: '0.0.0.0' }).warnings).toEqual([expect.stringContaining('HOST')]);
    expect(readConfig({ HOST: '0.0.0.0', DEMO_DATA: 'false' }).warnings).toEqual([]);
    for (const HOST of ['localhost', '127.0.0.2', '::1']) {
      expect(readConfig({ HOST }).warnings).toEqual([]);
    }
  });
});

describe('a server with a database of its own', () => {
  it('starts in production with four variables, and defaults to the safe side', () => {
    expect(readConfig(PRODUCTION)).toMatchObject({
      demo: false,
      production: true,
      basicAuth: false,
      demoData: false,
      openRegistration: false,
      corsOrigins: [],
      trustProxy: [],
      database: { url: DATABASE, adminUrl: null, listenUrl: null, replicaUrls: [] },
    });
  });

  it('is no demo outside production either', () => {
    const config = readConfig({ ...PRODUCTION, NODE_ENV: undefined });
    expect(config).toMatchObject({ demo: false, production: false, basicAuth: true, demoData: false, corsOrigins: [] });
  });

  it.each(['DATABASE_URL', 'JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE'])('does not start without %s', (name) => {
    for (const absent of [undefined, '', '  ']) {
      expect(faults({ ...PRODUCTION, [name]: absent })).toEqual([name]);
    }
  });

  it('lists everything that is missing at once', () => {
    expect(faults({ NODE_ENV: 'production' })).toEqual(['DATABASE_URL', 'JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE']);
    expect(faults({ DATABASE_URL: DATABASE })).toEqual(['JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE']);
  });

  it('does not take a misspelt production for a demo', () => {
    for (const NODE_ENV of ['prod', 'Production', 'staging']) {
      expect(faults({ ...PRODUCTION, NODE_ENV })).toContain('NODE_ENV');
    }
  });

  it('does not turn into a demo when only DATABASE_URL was forgotten', () => {
    expect(faults({ DATABASE_ADMIN_URL: DATABASE })).toEqual(['DATABASE_URL']);
    expect(faults({ DATABASE_REPLICA_URLS: DATABASE })).toEqual(['DATABASE_URL']);
  });

  it('never loads demo data in production', () => {
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
  ])('wants %s over https in production, but for this very machine', (name, open, loopback) => {
    const idp = { IDP_ISSUER: 'https://login.example.com', IDP_AUDIENCE: 'api' };
    expect(faults({ ...PRODUCTION, ...idp, [name]: open })).toEqual([name]);
    expect(readConfig({ ...PRODUCTION, ...idp, [name]: loopback })).toBeDefined();
    expect(readConfig({ ...PRODUCTION, ...idp, NODE_ENV: 'development', [name]: open })).toBeDefined();
  });
});

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
  ])('refuses %s', (_, JWT_SECRET) => {
    expect(faults({ ...PRODUCTION, JWT_SECRET })).toEqual(['JWT_SECRET']);
  });

  it('counts bytes, not characters', () => {
    expect(readConfig({ JWT_SECRET: 'äöüßéèêçñøåæœłđş' }).jwt.secrets).toHaveLength(1);
  });

  it('takes whatever a random generator yields', () => {
    const encodings = fc.constantFrom('hex' as const, 'base64' as const, 'base64url' as const);
    fc.assert(
      fc.property(encodings, fc.integer({ min: 32, max: 64 }), (encoding, bytes) => {
        const JWT_SECRET = randomBytes(bytes).toString(encoding);
        expect(readConfig({ JWT_SECRET }).jwt.secrets).toEqual([JWT_SECRET]);
      }),
      { numRuns: 300 },
    );
  });

  it('is a list, of which each is checked and named by its place', () => {
    const other = SECRET.split('').toReversed().join('');
    expect(readConfig({ JWT_SECRET: `${SECRET}, ${other},` }).jwt.secrets).toEqual([SECRET, other]);
    expect(refusalOf({ JWT_SECRET: `${SECRET},secret` }).message).toContain('JWT_SECRET (item 2) is shorter');
    expect(faults({ JWT_SECRET: ' , ' })).toEqual(['JWT_SECRET']);
  });
});

describe('single variables', () => {
  const VALUES: [name: string, good: string[], bad: string[]][] = [
    ['PORT', ['0', '1', '65535', ' 80 '], ['65536', '-1', '80.5', '1e3', '0x50', 'http', '99999999999999999999']],
    ['METRICS_PORT', ['9464', '0'], ['4000', 'no']],
    ['HOST', ['0.0.0.0', '::', 'localhost', 'api-1.internal'], ['http://x', 'a:80', 'a b', '-a', 'a..b', '[::1]']],
    ['ACCESS_TOKEN_MINUTES', ['1', '1440'], ['0', '1441', '1.5', '15m', 'Infinity', 'NaN']],
    ['SESSION_DAYS', ['1', '365'], ['0', '366', '-3']],
    ['LOGIN_FAILURES_PER_ACCOUNT', ['1', '100000'], ['0', '100001', 'none']],
    ['BASIC_AUTH', ['true', 'FALSE', '1', '0', 'yes', 'no', 'on', 'off'], ['2', 'maybe', 'tru', 'null']],
    ['OPEN_REGISTRATION', ['true'], ['enabled']],
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

  const DATABASES = ['DATABASE_URL', 'DATABASE_ADMIN_URL', 'DATABASE_LISTEN_URL', 'DATABASE_REPLICA_URLS'];

  it.each(DATABASES)('%s is a connection URI of PostgreSQL with a host and a database', (name) => {
    for (const url of [DATABASE, 'postgresql://h/db', 'postgres:///db?host=/var/run/postgresql']) {
      expect(readConfig({ ...PRODUCTION, [name]: url })).toBeDefined();
    }
    for (const url of ['mysql://h/db', 'h:5432/db', 'postgres://h', 'postgres:///db', 'postgres://h:port/db', 'x']) {
      expect(faults({ ...PRODUCTION, [name]: url })).toEqual([name]);
    }
  });

  it('trims blanks, but not those of a password', () => {
    const config = readConfig({ FIRST_ADMIN_LOGIN: ' root ', FIRST_ADMIN_PASSWORD: ' a quiet wooden bridge ' });
    expect(config.firstAdmin).toEqual({ login: 'root', password: ' a quiet wooden bridge ' });
  });

  it('turns the login limits into failures and seconds', () => {
    expect(readConfig({ LOGIN_FAILURES_PER_ADDRESS: '7' }).loginLimits).toEqual({
      perAccountAndAddress: { failures: 10, windowSeconds: 900 },
      perAccount: { failures: 100, windowSeconds: 900 },
      perAddress: { failures: 7, windowSeconds: 3600 },
    });
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

  it.each(SETS)('%o is incomplete', (environment, missing) => {
    expect(faults(environment)).toEqual(missing);
  });

  it('an issuer is not ourselves, and the metrics have their own port', () => {
    const clash = { ...PRODUCTION, IDP_ISSUER: PRODUCTION['JWT_ISSUER'], IDP_AUDIENCE: 'api' };
    expect(faults(clash)).toEqual(['IDP_ISSUER']);
    expect(faults({ METRICS_PORT: '9000', PORT: '9000' })).toEqual(['METRICS_PORT']);
    expect(readConfig({ METRICS_PORT: '0', PORT: '0' }).metricsPort).toBe(0);
  });

  it('a session is not idle for longer than it lasts', () => {
    expect(faults({ SESSION_IDLE_DAYS: '8', SESSION_DAYS: '7' })).toEqual(['SESSION_IDLE_DAYS']);
    expect(faults({ SESSION_IDLE_DAYS: '31' })).toEqual(['SESSION_IDLE_DAYS']);
    expect(readConfig({ SESSION_DAYS: '3' })).toMatchObject({ sessionDays: 3 });
    expect(readConfig({ SESSION_IDLE_DAYS: '30' })).toMatchObject({ sessionIdleDays: 30 });
  });

  it('several workers do not share the embedded data', () => {
    expect(faults({ WORKERS: '2' })).toEqual(['WORKERS']);
    expect(readConfig({ WORKERS: '1' })).toMatchObject({ workers: 1 });
  });

  it('warns of a public https server whose clients would share the address of its proxy', () => {
    const open = { ...PRODUCTION, PUBLIC_URL: 'https://api.example.com' };
    expect(readConfig(open).warnings).toEqual([expect.stringContaining('TRUST_PROXY')]);
    expect(readConfig({ ...open, TRUST_PROXY: '10.0.0.0/8' }).warnings).toEqual([]);
  });
});

describe('IDP_ROLES', () => {
  const idp = { IDP_ISSUER: 'https://login.example.com/', IDP_AUDIENCE: 'api' };

  it('maps their names, of whatever shape, to ours', () => {
    const config = readConfig({
      ...idp,
      IDP_ROLES: 'staff=STANDARD, staff=SALES, cn=it=DEVELOPER,__proto__=GUEST',
    });
    expect(config.idp).toEqual({
      issuer: 'https://login.example.com/',
      audience: 'api',
      permissionsClaim: 'permissions',
      jwksUrl: null,
      rolesClaim: 'roles',
      roles: [
        { theirs: 'staff', ours: 'STANDARD' },
        { theirs: 'staff', ours: 'SALES' },
        { theirs: 'cn=it', ours: 'DEVELOPER' },
        { theirs: '__proto__', ours: 'GUEST' },
      ],
    });
  });

  it.each(['staff', 'staff=', '=ADMIN', 'a=NOBODY', 'a=admin', 'a=SUPER_ADMIN', 'a=toString', 'a=ADMIN,b'])(
    'refuses %s',
    (IDP_ROLES) => {
      expect(faults({ ...idp, IDP_ROLES })).toEqual(['IDP_ROLES']);
    },
  );
});

describe('names that look like ours', () => {
  it.each([
    ['JWT_SECRETS', 'JWT_SECRET'],
    ['DATABASEURL', 'DATABASE_URL'],
    ['DATABASE_REPLICA_URL', 'DATABASE_REPLICA_URLS'],
    ['BASIC_AUHT', 'BASIC_AUTH'],
    ['open_registration', 'OPEN_REGISTRATION'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['HOSTS', 'HOST'],
  ])('%s is taken for %s', (name, meant) => {
    expect(readConfig({ [name]: 'x' }).warnings).toEqual([
      `${name} is not a variable of this server: is ${meant} meant?`,
    ]);
  });

  it('are listed with the problems they cause', () => {
    expect(faults({ ...PRODUCTION, JWT_SECRET: undefined, JWT_SECRETS: SECRET })).toEqual([
      'JWT_SECRET',
      'JWT_SECRETS',
    ]);
  });

  it('are not what other programs set', () => {
    const others = 'HOME,PATH,PWD,HOSTNAME,PGPORT,PGHOST,SHELL,USER,TERM,LANG,CI,NODE_OPTIONS,npm_config_port,SHLVL';
    const environment = Object.fromEntries(others.split(',').map((name) => [name, 'x']));
    expect(readConfig(environment).warnings).toEqual([]);
  });
});

describe('what is said', () => {
  it('lists every problem at once, each with what to do, in one message', () => {
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

  it('never repeats a value, whatever variable it was put in', () => {
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

  it('cannot be changed afterwards', () => {
    const config = readConfig({ ...PRODUCTION, CORS_ORIGINS: 'https://a.example' });
    for (const part of [config, config.jwt, config.jwt.secrets, config.database, config.corsOrigins, config.warnings]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('the environment', () => {
  it('is the file under what was exported', () => {
    const environment = loadEnvironment(envFile('PATH=/nowhere\nROLEGATE_TEST="a # b"\n'));
    expect(environment).toMatchObject({ ROLEGATE_TEST: 'a # b', PATH: process.env['PATH'] });
  });

  it('needs no file', () => {
    expect(loadEnvironment('/nowhere/.env')).toEqual(process.env);
  });

  it('does not go on with a file it cannot read', () => {
    expect(() => loadEnvironment(tmpdir())).toThrow('EISDIR');
  });
});

describe('the documentation', () => {
  /** Design §5, "Configuration", and what was added since. */
  const DESIGN = `PORT HOST DATA_DIR DATABASE_URL DATABASE_ADMIN_URL DATABASE_LISTEN_URL DATABASE_REPLICA_URLS JWT_SECRET
    JWT_ISSUER JWT_AUDIENCE ACCESS_TOKEN_MINUTES SESSION_DAYS BASIC_AUTH IDP_ISSUER IDP_AUDIENCE IDP_JWKS_URL
    IDP_ROLES_CLAIM IDP_ROLES OPEN_REGISTRATION CORS_ORIGINS SCHEMA_VISIBILITY DEMO_DATA FIRST_ADMIN_LOGIN
    FIRST_ADMIN_PASSWORD LOG_LEVEL METRICS_PORT`;
  const ADDED = `IDP_PERMISSIONS_CLAIM NODE_ENV SESSION_IDLE_DAYS PUBLIC_URL TRUST_PROXY SMTP_URL MAIL_FROM LOGIN_FAILURES_PER_ACCOUNT_AND_ADDRESS
    LOGIN_FAILURES_PER_ACCOUNT LOGIN_FAILURES_PER_ADDRESS WORKERS`;
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const entries = [...example.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({ name, value }));

  it('knows exactly the variables that the design names and those that were added', () => {
    expect([...VARIABLES].sort()).toEqual(`${DESIGN} ${ADDED}`.split(/\s+/).sort());
  });

  it('has every variable in .env.example once, and sets none', () => {
    expect(entries.map(({ name }) => name).sort()).toEqual([...VARIABLES].sort());
    expect(example.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  it('maps to every built-in role but SUPER_ADMIN', () => {
    const sdl = readFileSync(new URL('../../schema/roles.graphql', import.meta.url), 'utf8');
    const values = parse(sdl).definitions.flatMap((node) =>
      node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'Role' ? (node.values ?? []) : [],
    );
    const roles = values.map(({ name }) => name.value).filter((name) => name !== 'SUPER_ADMIN');
    expect([...MAPPABLE_ROLES].sort()).toEqual(roles.sort());
  });

  it('shows the true defaults in .env.example', () => {
    const defaults = entries.filter(({ value }) => !value.startsWith('<'));
    const idp = { IDP_ISSUER: 'https://login.example.com', IDP_AUDIENCE: 'api' };
    const shown = readConfig({ ...idp, ...Object.fromEntries(defaults.map(({ name, value }) => [name, value])) });
    expect(defaults.length).toBeGreaterThan(10);
    expect(shown).toEqual(readConfig(idp));
  });
});
