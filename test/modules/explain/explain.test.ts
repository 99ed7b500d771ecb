import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AccessMatrixDocument,
  CreateRoleDocument,
  ExplainAccessDocument,
  type ExplainAccessQueryVariables,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('accessMatrix', () => {
  it('accessMatrix shows administrators the access of each role', async () => {
    const { accessMatrix } = await app.as('ADMIN').query(AccessMatrixDocument).data();
    const cells = (coordinate: string) => {
      const row = accessMatrix?.rows.find((each) => each.coordinate === coordinate);
      return Object.fromEntries(accessMatrix?.columns.map((column, index) => [column, row?.cells[index]]) ?? []);
    };
    expect(cells('Query.users')).toMatchObject({ anonymous: 'NO', DEVELOPER: 'NO', ADMIN: 'YES', SUPER_ADMIN: 'YES' });
    expect(cells('Query.accounts')).toMatchObject({ anonymous: 'NO', STANDARD: 'NO', DEVELOPER: 'YES', ADMIN: 'YES' });
    expect(cells('Query.me')).toMatchObject({ anonymous: 'NO', GUEST: 'OWN', STANDARD: 'OWN', ACCOUNT_MANAGER: 'YES' });
    expect(cells('Mutation.login')).toMatchObject({ anonymous: 'YES', GUEST: 'YES' });
  });

  it('accessMatrix has a column for every added role, with what it inherits and permits', async () => {
    const roles = [
      { name: 'AUDITOR_X', permissions: ['accounts:read'], inherits: ['STANDARD'] },
      { name: 'BUYER', permissions: [], inherits: ['SALES', 'AUDITOR_X'] },
      { name: 'NOTHING_MORE', permissions: [], inherits: [] },
    ];
    for (const input of roles) {
      await app.as('ADMIN').query(CreateRoleDocument, { input }).data();
    }
    const all = await app.as('ADMIN').query(AccessMatrixDocument).data();
    expect(all.accessMatrix?.columns.slice(0, 3)).toEqual(['anonymous', 'SUPER_ADMIN', 'ADMIN']);
    expect(all.accessMatrix?.columns.slice(11)).toEqual(['AUDITOR_X', 'BUYER', 'NOTHING_MORE']);
    const names = ['BUYER', 'AUDITOR_X', 'NOTHING_MORE', 'BUYER'];
    const { accessMatrix } = await app.as('ADMIN').query(AccessMatrixDocument, { roles: names }).data();
    expect(accessMatrix?.columns).toEqual(['anonymous', 'BUYER', 'AUDITOR_X', 'NOTHING_MORE']);
    const cells = (coordinate: string) => accessMatrix?.rows.find((row) => row.coordinate === coordinate)?.cells;
    expect(cells('Query.accounts')).toEqual(['NO', 'YES', 'YES', 'NO']);
    expect(cells('Query.inventoryItems')).toEqual(['NO', 'YES', 'NO', 'NO']);
    expect(cells('Query.me')).toEqual(['NO', 'OWN', 'OWN', 'OWN']);
    expect(cells('Query.users')).toEqual(['NO', 'NO', 'NO', 'NO']);
    expect(cells('Query.publicMessage')).toEqual(['YES', 'YES', 'YES', 'YES']);
  });

  it('accessMatrix shows what a role would reach before it exists, as it does afterwards', async () => {
    const draft = { inherits: ['SALES'], permissions: ['accounts:read'] };
    const before = await app.as('ADMIN').query(AccessMatrixDocument, { roles: [], draft }).data();
    expect(before.accessMatrix?.columns).toEqual(['anonymous', 'draft']);
    await app
      .as('ADMIN')
      .query(CreateRoleDocument, { input: { name: 'WAS_A_DRAFT', ...draft } })
      .data();
    const after = await app
      .as('ADMIN')
      .query(AccessMatrixDocument, { roles: ['WAS_A_DRAFT'] })
      .data();
    expect(before.accessMatrix?.rows).toEqual(after.accessMatrix?.rows);
    for (const bad of [{ inherits: ['NO_SUCH'] }, { permissions: ['no:such'] }]) {
      expect(await app.as('ADMIN').query(AccessMatrixDocument, { draft: bad }).codes()).toEqual(['BAD_USER_INPUT']);
    }
  });

  it('accessMatrix and explainAccess agree on every role', async () => {
    const { accessMatrix } = await app.as('ADMIN').query(AccessMatrixDocument).data();
    const row = accessMatrix?.rows.find(({ coordinate }) => coordinate === 'Query.inventoryItems');
    for (const [index, role] of (accessMatrix?.columns ?? []).entries()) {
      const roles = role === 'anonymous' ? null : [role];
      const { told } = await explain({ operation: '{ inventoryItems { totalCount } }', roles });
      expect(told?.find(([coordinate]) => coordinate === 'Query.inventoryItems')?.[1], role).toBe(row?.cells[index]);
    }
  });

  it('accessMatrix refuses an unknown role', async () => {
    const [error] = await app
      .as('ADMIN')
      .query(AccessMatrixDocument, { roles: ['ADMIN', 'NOBODYS'] })
      .errors();
    expect(error?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'roles' });
  });

  it.each(['ANONYMOUS', 'DEVELOPER', 'ACCOUNT_ADMIN'])('accessMatrix is denied to %s', async (who) => {
    const code = who === 'ANONYMOUS' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(await app.as(who).query(AccessMatrixDocument).codes()).toEqual([code]);
  });
});

async function explain(variables: ExplainAccessQueryVariables) {
  const { explainAccess } = await app.as('ADMIN').query(ExplainAccessDocument, variables).data();
  const told = explainAccess?.coordinates.map(({ coordinate, verdict, remedies }) => [coordinate, verdict, remedies]);
  return { allowed: explainAccess?.allowed, told };
}

describe('explainAccess', () => {
  const operation = '{ accounts { nodes { name users { totalCount } } } }';

  it('explainAccess names what is denied, and the smallest grants that satisfy it', async () => {
    const { allowed, told } = await explain({ operation, roles: ['DEVELOPER'] });
    expect(allowed).toBe(false);
    expect(told).toContainEqual(['Query.accounts', 'YES', []]);
    expect(told).toContainEqual([
      'Account.users',
      'NO',
      [['ACCOUNT_MANAGER'], ['users:read'], ['users:roles'], ['users:write']],
    ]);
    expect(await explain({ operation, roles: ['ADMIN'] })).toMatchObject({ allowed: true });
    const { explainAccess } = await app
      .as('ADMIN')
      .query(ExplainAccessDocument, { operation: operation.replaceAll('{ ', '{\n') })
      .data();
    const lines = explainAccess?.coordinates.map(({ coordinate, lines }) => [coordinate, lines]);
    expect(lines?.filter(([coordinate]) => /^(Query|Account)\./.test(String(coordinate)))).toEqual([
      ['Query.accounts', [2]],
      ['Account.name', [4]],
      ['Account.users', [4]],
    ]);
  });

  it('explainAccess knows anonymous viewers, permissions, and added roles', async () => {
    const anonymous = await explain({ operation: '{ me { id } }' });
    expect(anonymous).toMatchObject({ allowed: false });
    expect(await explain({ operation: '{ accounts { totalCount } }', roles: ['SALES'] })).toMatchObject({
      allowed: false,
    });
    await app
      .as('ADMIN')
      .query(CreateRoleDocument, { input: { name: 'READER', permissions: ['accounts:read'], inherits: ['STANDARD'] } })
      .data();
    expect(await explain({ operation: '{ accounts { totalCount } }', roles: ['READER'] })).toMatchObject({
      allowed: true,
    });
    const permissions = ['accounts:read'];
    expect(await explain({ operation: '{ accounts { totalCount } }', roles: ['SALES'], permissions })).toMatchObject({
      allowed: true,
    });
  });

  it.each([
    ['an operation that does not parse', { operation: '{' }],
    ['an operation with unknown fields', { operation: '{ nothing }' }],
    ['several operations and no name', { operation: 'query A { __typename } query B { __typename }' }],
    ['an operation beyond the limits', { operation: `{ ${'me { id } '.repeat(60)} }` }],
    ['an unknown role', { operation: '{ __typename }', roles: ['NOTHING'] }],
    ['an unknown permission', { operation: '{ __typename }', permissions: ['nothing'] }],
  ])('explainAccess refuses %s', async (_case, variables) => {
    expect(await app.as('ADMIN').query(ExplainAccessDocument, variables).codes()).toEqual(['BAD_USER_INPUT']);
  });
});
