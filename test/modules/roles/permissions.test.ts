import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Coordinate, Permission } from '../../../src/generated/access.ts';
import {
  AssignRoleDocument,
  CreateRoleDocument,
  DeleteRoleDocument,
  RevokeRoleDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { addPeople } from '../../support/people.ts';
import { accountIdOf, change, userId } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  await addPeople(app);
});
afterAll(() => app.close());

const admin = () => app.as('ADMIN');

async function createRole(name: string, permissions: readonly Permission[], inherits: string[] = []): Promise<void> {
  await admin()
    .query(CreateRoleDocument, { input: { name, permissions: [...permissions], inherits } })
    .data();
}

const give = async (role: string, username: string) =>
  admin()
    .query(AssignRoleDocument, { userId: await userId(app, username), role })
    .data();
const take = async (role: string, username: string) =>
  admin()
    .query(RevokeRoleDocument, { userId: await userId(app, username), role })
    .data();

const nameOf = (prefix: string, permission: string): string => `${prefix}_${permission.replace(/\W/g, '_')}`;

/** The code of the first error; `done` without one. */
async function outcome(who: string, document: string, variables: object = {}): Promise<unknown> {
  const context = app.contextOf(await app.as(who).viewer(), client);
  try {
    const { errors } = await app.pipeline.run({ query: document, variables: { ...variables } }, context);
    return errors?.[0]?.extensions?.['code'] ?? (errors ? 'ERROR' : 'done');
  } finally {
    await context.unit.close();
  }
}
const client = {
  address: '127.0.0.1',
  device: 'tests',
  setSessionCookie: () => undefined,
  setSignInCookie: () => undefined,
};

/** The fields that a permission opens, out of these, to a viewer who holds nothing else. */
const FIELDS: Record<string, readonly Permission[]> = {
  'Query.users': ['users:read', 'users:write', 'users:roles'],
  'User.email': ['users:read', 'users:write', 'users:roles'],
  'Mutation.createUser': ['users:write'],
  'Mutation.updateUser': ['users:write'],
  'Mutation.deactivateUser': ['users:write'],
  'Mutation.activateUser': ['users:write'],
  'Mutation.removeUser': ['users:write'],
  'CreateUserInput.roles': ['users:roles'],
  'Mutation.assignRole': ['users:roles'],
  'Mutation.revokeRole': ['users:roles'],
  'Mutation.endSessionsOfUser': ['sessions:end'],
  'Query.accounts': ['accounts:read', 'accounts:write'],
  'Account.iban': ['accounts:read', 'accounts:write'],
  'Mutation.createAccount': ['accounts:write'],
  'Mutation.updateAccount': ['accounts:write'],
  'Mutation.deleteAccount': ['accounts:write'],
  'Mutation.addUserToAccount': [],
  'Query.inventoryItems': ['inventory:read', 'inventory:count', 'inventory:write', 'inventory:delete'],
  'Mutation.addInventoryItem': ['inventory:write'],
  'Mutation.updateInventoryItem': ['inventory:write'],
  'Mutation.adjustInventoryCount': ['inventory:count', 'inventory:write'],
  'Mutation.deleteInventoryItem': ['inventory:delete'],
  'Query.adminMessage': ['messages:admin', 'read:admin-messages'],
  'Query.auditEvents': ['audit:read'],
  'Subscription.auditEventAdded': ['audit:read'],
  'Query.permissions': ['roles:read', 'roles:write'],
  'Query.accessMatrix': ['roles:read', 'roles:write'],
  'Query.explainAccess': ['roles:read', 'roles:write'],
  'Query.roleExclusions': ['roles:read', 'roles:write'],
  'Mutation.createRole': ['roles:write'],
  'Mutation.updateRole': ['roles:write'],
  'Mutation.deleteRole': ['roles:write'],
  'Mutation.excludeRoles': ['roles:write'],
  'Mutation.allowRoles': ['roles:write'],
} satisfies Partial<Record<Coordinate, readonly Permission[]>>;

describe('the permissions', () => {
  it('there is a permission for every subject, and no other', () => {
    const names = `accounts:read accounts:write audit:read documents:delete documents:write inventory:count inventory:delete
      inventory:read inventory:write messages:admin read:admin-messages roles:read roles:write sessions:end users:read
      users:roles users:write`;
    expect([...app.policy.permissions.keys()].toSorted()).toEqual(names.split(/\s+/));
  });

  it('each permission allows its own fields, and no others', async () => {
    const all = [...app.policy.permissions.keys()] as Permission[];
    const names = new Map(all.map((permission) => [permission, nameOf('ONLY', permission)]));
    for (const [permission, name] of names) {
      await createRole(name, [permission]);
    }
    const { text } = await admin().request(
      `{ accessMatrix(roles: ${JSON.stringify([...names.values()])}) { rows { coordinate cells } } }`,
    );
    const { rows } = JSON.parse(text).data.accessMatrix as { rows: { coordinate: string; cells: string[] }[] };
    for (const [coordinate, permissions] of Object.entries(FIELDS)) {
      const cells = rows.find((row) => row.coordinate === coordinate)?.cells.slice(1);
      expect(all.filter((_, index) => cells?.[index] === 'YES').toSorted(), coordinate).toEqual(permissions.toSorted());
    }
  });
});

describe('a role that an administrator makes, gives and takes away', () => {
  it('a role that only reads users changes none', async () => {
    await createRole('USER_READER', ['users:read']);
    const list = '{ users { totalCount nodes { username email roles } } }';
    expect(await outcome('author', list)).toBe('FORBIDDEN');
    await give('USER_READER', 'author');
    const { users } = (await app.as('author').query(list).data()) as { users: { totalCount: number } };
    expect(users.totalCount).toBe(213);
    const id = await userId(app, 'guest');
    for (const [document, code] of [
      [`mutation { updateUser(id: "${id}", input: { displayName: "X" }) { id } }`, 'FORBIDDEN'],
      [`mutation { deactivateUser(id: "${id}") { id } }`, 'FORBIDDEN'],
      [`mutation { assignRole(userId: "${id}", role: "USER_READER") { id } }`, 'FORBIDDEN'],
      [
        `mutation { createUser(input: { username: "x1", email: "x1@example.com", displayName: "X" }) { id } }`,
        'FORBIDDEN',
      ],
      ['{ accounts { totalCount } }', 'FORBIDDEN'],
      ['{ auditEvents { totalCount } }', 'FORBIDDEN'],
    ] as const) {
      expect(await outcome('author', document), document).toBe(code);
    }
    await take('USER_READER', 'author');
    expect(await outcome('author', list)).toBe('FORBIDDEN');
    await admin().query(DeleteRoleDocument, { name: 'USER_READER' }).data();
  });

  it('a role that only creates inventory deletes none', async () => {
    await createRole('STOCK_CREATOR', ['inventory:write']);
    const add = 'mutation { addInventoryItem(input: { name: "A new thing", data: { count: 1 } }) { name data } }';
    const remove = 'mutation { deleteInventoryItem(name: "A new thing") { name } }';
    expect(await outcome('author', add)).toBe('FORBIDDEN');
    await give('STOCK_CREATOR', 'author');
    expect(await outcome('author', add)).toBe('done');
    expect(await outcome('author', 'mutation { adjustInventoryCount(name: "A new thing", by: 1) { data } }')).toBe(
      'done',
    );
    expect(await outcome('author', '{ inventoryItems { totalCount } }')).toBe('done');
    expect(await outcome('author', remove)).toBe('FORBIDDEN');
    await take('STOCK_CREATOR', 'author');
    expect(await outcome('author', '{ inventoryItems { totalCount } }')).toBe('FORBIDDEN');
    await admin().query(DeleteRoleDocument, { name: 'STOCK_CREATOR' }).data();
  });

  it('a role that edits every document deletes only its own', async () => {
    await createRole('EDITOR', ['documents:write']);
    const made = await app
      .as('otherauthor')
      .query('mutation { createDocument(input: { title: "Theirs", content: "Text" }) { id } }')
      .data();
    const { id } = made['createDocument'] as { id: string };
    const update = `mutation { updateDocument(id: "${id}", input: { title: "Edited" }) { title } }`;
    const remove = `mutation { deleteDocument(id: "${id}") { id } }`;
    expect(await outcome('author', update)).toBe('FORBIDDEN');
    await give('EDITOR', 'author');
    expect(await outcome('author', update)).toBe('done');
    expect(await outcome('author', remove)).toBe('FORBIDDEN');
    await take('EDITOR', 'author');
    expect(await outcome('author', update)).toBe('FORBIDDEN');
    await createRole('REMOVER', ['documents:delete']);
    await give('REMOVER', 'author');
    expect(await outcome('author', update)).toBe('FORBIDDEN');
    expect(await outcome('author', remove)).toBe('done');
    await take('REMOVER', 'author');
  });
});

describe('permissions beside a role that reaches one account', () => {
  const cases: readonly (readonly [Permission, string, string, unknown, unknown])[] = [
    [
      'users:read',
      'updateUser',
      `mutation ($id: ID!) { updateUser(id: $id, input: { displayName: "Y" }) { id } }`,
      'done',
      'NOT_FOUND',
    ],
    [
      'users:roles',
      'updateUser',
      `mutation ($id: ID!) { updateUser(id: $id, input: { displayName: "Y" }) { id } }`,
      'done',
      'NOT_FOUND',
    ],
    [
      'users:write',
      'assignRole',
      `mutation ($id: ID!) { assignRole(userId: $id, role: STANDARD) { id } }`,
      'done',
      'NOT_FOUND',
    ],
    [
      'users:roles',
      'assignRole',
      `mutation ($id: ID!) { assignRole(userId: $id, role: STANDARD) { id } }`,
      'done',
      'done',
    ],
    [
      'users:write',
      'updateUser',
      `mutation ($id: ID!) { updateUser(id: $id, input: { displayName: "Y" }) { id } }`,
      'done',
      'done',
    ],
    ['sessions:end', 'user', `query ($id: ID!) { user(id: $id) { id } }`, 'done', 'NOT_FOUND'],
    ['sessions:end', 'endSessionsOfUser', `mutation ($id: ID!) { endSessionsOfUser(userId: $id) }`, 'done', 'done'],
    ['users:write', 'endSessionsOfUser', `mutation ($id: ID!) { endSessionsOfUser(userId: $id) }`, 'done', 'NOT_FOUND'],
    ['audit:read', 'user', `query ($id: ID!) { user(id: $id) { id } }`, 'done', 'NOT_FOUND'],
    ['roles:write', 'user', `query ($id: ID!) { user(id: $id) { id } }`, 'done', 'NOT_FOUND'],
    ['roles:write', 'endSessionsOfUser', `mutation ($id: ID!) { endSessionsOfUser(userId: $id) }`, 'done', 'NOT_FOUND'],
  ];

  it.each(cases)(
    'the permission %s does not extend an ACCOUNT_ADMIN beyond their account: %s',
    async (permission, _field, document, here, there) => {
      const name = nameOf('CHIEF', permission);
      await change(app, 'delete from role_assignments where role = ?', name);
      await change(app, 'delete from roles where name = ?', name);
      await createRole(name, [permission], ['ACCOUNT_ADMIN']);
      await give(name, 'author');
      expect(await outcome('author', document, { id: await userId(app, 'otherauthor') })).toBe(here);
      expect(await outcome('author', document, { id: await userId(app, 'otheraccount') })).toBe(there);
      await take(name, 'author');
    },
  );

  it('accounts:read does not let an ACCOUNT_ADMIN change other accounts', async () => {
    await createRole('CHIEF_READER', ['accounts:read'], ['ACCOUNT_ADMIN']);
    await give('CHIEF_READER', 'author');
    const other = await accountIdOf(app, 'otheraccount');
    expect(await outcome('author', `{ account(id: "${other}") { iban } }`)).toBe('done');
    expect(await outcome('author', `mutation { updateMyAccount(input: { name: "Ours" }) { id } }`)).toBe('done');
    expect(await outcome('author', `mutation { updateAccount(id: "${other}", input: { name: "X" }) { id } }`)).not.toBe(
      'done',
    );
    await take('CHIEF_READER', 'author');
  });
});

describe('a holder of a permission', () => {
  it('a holder of users:roles may assign a role with permissions that they hold, and no other', async () => {
    await createRole('HELPDESK', ['users:roles'], ['STANDARD']);
    await createRole('OTHER', ['audit:read']);
    await give('HELPDESK', 'author');
    const assign = (id: string, role: string) =>
      outcome('author', `mutation { assignRole(userId: "${id}", role: "${role}") { id } }`);
    const id = await userId(app, 'guest');
    expect(await assign(id, 'HELPDESK')).toBe('done');
    expect(await assign(id, 'STANDARD')).toBe('done');
    expect(await assign(id, 'OTHER')).toBe('FORBIDDEN');
    expect(await assign(id, 'SALES')).toBe('FORBIDDEN');
    expect(await assign(await userId(app, 'author'), 'OTHER')).toBe('FORBIDDEN');
    expect(await assign(await userId(app, 'sales'), 'STANDARD')).toBe('FORBIDDEN');
    expect(await outcome('author', `mutation { revokeRole(userId: "${id}", role: "HELPDESK") { id } }`)).toBe('done');
    await take('HELPDESK', 'author');
  });

  it('a holder of roles:write may put permissions that they hold into roles, and no others', async () => {
    await createRole('ROLE_MAKER', ['roles:write', 'inventory:read'], ['SALES']);
    await give('ROLE_MAKER', 'author');
    const create = (name: string, grants: string) =>
      outcome('author', `mutation { createRole(input: { name: "${name}", ${grants} }) { name } }`);
    expect(await create('MADE', 'inherits: [SALES], permissions: ["inventory:read"]')).toBe('done');
    expect(await create('MADE2', 'permissions: ["inventory:write"]')).toBe('FORBIDDEN');
    expect(await create('MADE3', 'inherits: [WAREHOUSE]')).toBe('FORBIDDEN');
    expect(await create('MADE4', 'inherits: ["OTHER"]')).toBe('FORBIDDEN');
    await give('MADE', 'guest');
    expect(await outcome('author', 'mutation { deleteRole(name: "MADE") { name } }')).toBe('CONFLICT');
    expect(
      await outcome('author', 'mutation { updateRole(name: "MADE", input: { permissions: ["users:read"] }) { name } }'),
    ).toBe('FORBIDDEN');
    expect(await outcome('author', 'mutation { updateRole(name: "OTHER", input: { permissions: [] }) { name } }')).toBe(
      'FORBIDDEN',
    );
    await take('MADE', 'guest');
    expect(await outcome('author', 'mutation { deleteRole(name: "MADE") { name } }')).toBe('done');
    await take('ROLE_MAKER', 'author');
  });
});
