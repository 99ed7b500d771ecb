import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { faults, PRODUCTION } from './environments.ts';

describe('IDP_ROLES', () => {
  const idp = { IDP_ISSUER: 'https://login.example.com/', IDP_AUDIENCE: 'api' };

  it('roles of the issuer, of any shape, are mapped to ours', () => {
    const config = readConfig({
      ...idp,
      IDP_ROLES: 'staff=STANDARD, staff=SALES, cn=it=DEVELOPER,__proto__=GUEST',
    });
    expect(config.idps).toEqual([
      {
        issuer: 'https://login.example.com/',
        audience: 'api',
        permissionsClaim: 'permissions',
        jwksUrl: null,
        secrets: [],
        rolesClaim: 'roles',
        roles: [
          { theirs: 'staff', ours: 'STANDARD' },
          { theirs: 'staff', ours: 'SALES' },
          { theirs: 'cn=it', ours: 'DEVELOPER' },
          { theirs: '__proto__', ours: 'GUEST' },
        ],
      },
    ]);
  });

  it('a role is mapped to a permission', () => {
    const [config] = readConfig({ ...idp, IDP_ROLES: 'messages-admin=messages:admin' }).idps;
    expect(config?.roles).toEqual([{ theirs: 'messages-admin', ours: 'messages:admin' }]);
  });

  it.each([
    'a=:',
    'a=messages:',
    'a=:admin',
    'a=mess ages:admin',
    'staff',
    'staff=',
    '=ADMIN',
    'a=NOBODY',
    'a=admin',
    'a=SUPER_ADMIN',
    'a=toString',
    'a=ADMIN,b',
  ])('the mapping %s is refused', (IDP_ROLES) => {
    expect(faults({ ...idp, IDP_ROLES })).toEqual(['IDP_ROLES']);
  });
});

const several = (...issuers: object[]) => ({ IDP_ISSUERS: JSON.stringify(issuers) });

describe('issuers that share a secret, and several issuers', () => {
  const SECRET = 'Zq7vT2mK9xLw4RfY8pBn3HdJ6sGc5VaE';
  const idp = { IDP_ISSUER: 'https://login.example.com/', IDP_AUDIENCE: 'api' };
  const one = { issuer: 'https://one.example.com', audience: 'api' };

  it('issuers are trusted in their order, each with its own mapping', () => {
    const further = { ...one, secret: SECRET, rolesClaim: 'groups', roles: 'it=DEVELOPER, it=audit:read' };
    const { idps } = readConfig({
      ...idp,
      IDP_SECRET: SECRET.toLowerCase(),
      ...several(further, { ...one, issuer: 'https://b.example' }),
    });
    expect(idps.map(({ issuer, secrets }) => [issuer, secrets])).toEqual([
      ['https://login.example.com/', [SECRET.toLowerCase()]],
      ['https://one.example.com', [SECRET]],
      ['https://b.example', []],
    ]);
    expect(idps[1]).toMatchObject({ rolesClaim: 'groups', permissionsClaim: 'permissions', jwksUrl: null });
    expect(idps[1]?.roles).toEqual([
      { theirs: 'it', ours: 'DEVELOPER' },
      { theirs: 'it', ours: 'audit:read' },
    ]);
  });

  it.each<[string, string]>([
    ['no JSON', 'https://one.example.com'],
    ['no list', JSON.stringify(one)],
    ['an empty list', '[]'],
    ['no object', '["https://one.example.com"]'],
    ['no issuer', JSON.stringify([{ audience: 'api' }])],
    ['no audience', JSON.stringify([{ issuer: one.issuer }])],
    ['an empty audience', JSON.stringify([{ ...one, audience: '' }])],
    ['an unknown member', JSON.stringify([{ ...one, audiences: ['api'] }])],
    ['a short secret', JSON.stringify([{ ...one, secret: 'short' }])],
    ['SUPER_ADMIN', JSON.stringify([{ ...one, roles: 'root=SUPER_ADMIN' }])],
    ['one issuer twice', JSON.stringify([one, one])],
    ['a secret and a key set', JSON.stringify([{ ...one, secret: SECRET, jwksUrl: 'https://one.example.com/jwks' }])],
  ])('issuers with %s are refused', (_, IDP_ISSUERS) => {
    expect(faults({ IDP_ISSUERS })).toEqual(['IDP_ISSUERS']);
  });

  it('a secret is refused without an issuer, beside a key set, or if it signs our own tokens', () => {
    expect(faults({ IDP_SECRET: SECRET })).toEqual(['IDP_ISSUER', 'IDP_AUDIENCE']);
    expect(faults({ ...idp, IDP_SECRET: 'short' })).toEqual(['IDP_SECRET']);
    expect(faults({ ...idp, IDP_SECRET: SECRET, IDP_JWKS_URL: 'https://login.example.com/jwks' })).toEqual([
      'IDP_SECRET',
    ]);
    expect(faults({ ...idp, IDP_SECRET: SECRET, JWT_SECRET: SECRET })).toEqual(['IDP_ISSUERS']);
    expect(faults({ ...idp, ...several({ ...one, issuer: idp.IDP_ISSUER }) })).toEqual(['IDP_ISSUERS']);
  });
});

const json = (...issuers: object[]) => JSON.stringify(issuers);

describe('SIGN_IN_ISSUERS', () => {
  const PUBLIC_URL = 'https://api.example.com';
  const one = { id: 'one', issuer: 'https://one.example.com', clientId: 'rolegate' };

  it('issuers are offered in their order, with the defaults of the documentation', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'rolegate-config-')), 'secret');
    writeFileSync(path, 'the secret\n');
    const two = { ...one, id: 'two', issuer: 'https://two.example.com/', label: 'Two', clientSecretFile: path };
    const given = { scopes: 'openid email', secondFactor: 'gold, mfa', prompt: 'select_account', createUsers: true };
    const { signInIssuers } = readConfig({ PUBLIC_URL, SIGN_IN_ISSUERS: json(one, { ...two, ...given }) });
    expect(signInIssuers).toEqual([
      {
        ...one,
        label: 'one',
        clientSecret: null,
        scopes: ['openid', 'profile'],
        secondFactor: ['mfa'],
        prompt: 'login',
        createUsers: false,
      },
      {
        ...two,
        ...given,
        scopes: ['openid', 'email'],
        secondFactor: ['gold', 'mfa'],
        clientSecret: 'the secret',
        clientSecretFile: undefined,
      },
    ]);
  });

  it.each<[string, string]>([
    ['no JSON', 'https://one.example.com'],
    ['no list', JSON.stringify(one)],
    ['an empty list', '[]'],
    ['no object', '["one"]'],
    ['no id', json({ ...one, id: undefined })],
    ['an id that is no part of a URL', json({ ...one, id: 'a/b' })],
    ['an id that is too long', json({ ...one, id: 'a'.repeat(41) })],
    ['an id twice', json(one, { ...one, issuer: 'https://two.example.com' })],
    ['an issuer twice', json(one, { ...one, id: 'two' })],
    ['an issuer that is no URL', json({ ...one, issuer: 'one.example.com' })],
    ['an empty client', json({ ...one, clientId: '' })],
    ['an unknown member', json({ ...one, secret: 'x' })],
    ['an empty secret', json({ ...one, clientSecret: '' })],
    ['a secret in two places', json({ ...one, clientSecret: 'x', clientSecretFile: '/dev/null' })],
    ['a secret in no file', json({ ...one, clientSecretFile: '/nowhere/at/all' })],
    ['scopes without openid', json({ ...one, scopes: 'profile' })],
    ['scopes that are no words', json({ ...one, scopes: 'openid "x"' })],
    ['an unknown prompt', json({ ...one, prompt: 'none' })],
    ['text that is no flag', json({ ...one, createUsers: 'true' })],
  ])('issuers with %s are refused', (_, SIGN_IN_ISSUERS) => {
    expect(new Set(faults({ PUBLIC_URL, SIGN_IN_ISSUERS }))).toEqual(new Set(['SIGN_IN_ISSUERS']));
  });

  it('issuers for signing in need PUBLIC_URL, https in production, and another issuer than our own', () => {
    const SIGN_IN_ISSUERS = json({ ...one, issuer: 'http://one.example.com' });
    expect(faults({ SIGN_IN_ISSUERS })).toEqual(['PUBLIC_URL']);
    expect(faults({ ...PRODUCTION, PUBLIC_URL, SIGN_IN_ISSUERS })).toEqual(['SIGN_IN_ISSUERS']);
    const own = json({ ...one, issuer: 'https://own.example.com' });
    const JWT_ISSUER = 'https://own.example.com';
    expect(faults({ ...PRODUCTION, PUBLIC_URL, JWT_ISSUER, SIGN_IN_ISSUERS: own })).toEqual(['SIGN_IN_ISSUERS']);
  });
});
