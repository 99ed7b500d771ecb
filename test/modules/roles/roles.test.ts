import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RolesDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { expectOutcome, openTo } from '../../support/outcomes.ts';
import { change } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('roles lists all roles, for administrators of all users and of an account', () => {
  it.each(openTo('ACCOUNT_ADMIN', 'ADMIN', 'SUPER_ADMIN'))('roles answers %s with %s', async (who, outcome) => {
    const at = { path: 'roles', coordinate: 'Query.roles' };
    const data = await expectOutcome(app.as(who).query(RolesDocument), outcome, at);
    expect(data?.roles?.totalCount).toBe(outcome === 'data' ? 10 : undefined);
  });

  it('roles shows what each inherits directly, in alphabetical order', async () => {
    const { roles } = await app.as('ADMIN').query(RolesDocument).data();
    expect(Object.fromEntries((roles?.nodes ?? []).map((role) => [role?.name, role?.inherits]))).toEqual({
      ACCOUNT_ADMIN: ['ACCOUNT_MANAGER'],
      ACCOUNT_MANAGER: ['STANDARD'],
      ADMIN: ['ACCOUNT_ADMIN', 'DEVELOPER', 'MANAGER'],
      DEVELOPER: ['STANDARD'],
      GUEST: [],
      MANAGER: ['WAREHOUSE'],
      SALES: ['STANDARD'],
      STANDARD: ['GUEST'],
      SUPER_ADMIN: ['ADMIN'],
      WAREHOUSE: ['SALES'],
    });
    expect(roles?.nodes?.every((role) => role?.builtIn === true && role.description !== '')).toBe(true);
  });

  it('roles lists added roles beside the built-in ones, with their own permissions', async () => {
    await change(app, `insert into roles (name, description) values ('Auditor', 'Looks on')`);
    await change(
      app,
      `insert into role_permissions (role, permission) values ('Auditor', 'b:read'), ('Auditor', 'a:read')`,
    );
    await change(app, `insert into role_inheritance (role, inherits) values ('Auditor', 'GUEST')`);
    const { roles } = await app
      .as('ADMIN')
      .query(RolesDocument, { filter: { builtIn: false } })
      .data();
    expect(roles).toEqual({
      nodes: [
        {
          name: 'Auditor',
          description: 'Looks on',
          inherits: ['GUEST'],
          permissions: ['a:read', 'b:read'],
          builtIn: false,
        },
      ],
      totalCount: 1,
    });
  });
});
