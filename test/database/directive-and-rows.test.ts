import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewerOf } from '../../src/auth/principal.ts';
import { anonymous, type Viewer } from '../../src/lib/viewer.ts';
import { rowScopeOf, scopes, systemScope, viewerRoles } from '../../src/database/scopes.ts';
import { tableRequirements } from '../../src/database/table-rights.ts';
import { demoLogins } from '../../src/database/seed/demo-data.ts';
import { loadRoleGraph } from '../../src/auth/role-graph.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { change, look } from '../support/rows.ts';
import { people, type Reach } from './gate.ts';
import { gates } from './gates.ts';
import { reachByDirectives, reachByRows } from './reach.ts';

let app: TestApp;
let viewers: ReadonlyMap<string, Viewer>;

/** Roles that administrators may have added: what they inherit, and permit. */
const added = {
  LEAD: { inherits: ['DEVELOPER'], permissions: [] },
  'LEAD and manager': { inherits: ['DEVELOPER', 'ACCOUNT_MANAGER'], permissions: [] },
  AUDITOR: { inherits: ['STANDARD'], permissions: ['accounts:read'] },
  'accounts:read': { inherits: [], permissions: ['accounts:read'] },
  UNUSED: { inherits: ['SALES'], permissions: ['read:admin-messages'] },
  'users:read': { inherits: [], permissions: ['users:read'] },
  'users:write': { inherits: [], permissions: ['users:write'] },
  'users:roles': { inherits: [], permissions: ['users:roles'] },
  'accounts:write': { inherits: [], permissions: ['accounts:write'] },
  'documents:write': { inherits: [], permissions: ['documents:write'] },
  'documents:delete': { inherits: [], permissions: ['documents:delete'] },
  'audit:read': { inherits: [], permissions: ['audit:read'] },
  'roles:read': { inherits: [], permissions: ['roles:read'] },
  'roles:write': { inherits: [], permissions: ['roles:write'] },
  'sessions:end': { inherits: [], permissions: ['sessions:end'] },
  'inventory:read': { inherits: [], permissions: ['inventory:read'] },
  'inventory:count': { inherits: [], permissions: ['inventory:count'] },
  'inventory:write': { inherits: [], permissions: ['inventory:write'] },
  'inventory:delete': { inherits: [], permissions: ['inventory:delete'] },
  'ACCOUNT_ADMIN, users:read': { inherits: ['ACCOUNT_ADMIN'], permissions: ['users:read'] },
  'ACCOUNT_ADMIN, accounts:read': { inherits: ['ACCOUNT_ADMIN'], permissions: ['accounts:read'] },
  'ACCOUNT_ADMIN, audit and roles': { inherits: ['ACCOUNT_ADMIN'], permissions: ['audit:read', 'roles:write'] },
} as const;

beforeAll(async () => {
  app = await createTestApp();
  for (const [name, { inherits, permissions }] of Object.entries(added)) {
    await change(app, 'insert into roles (name) values (?)', name);
    await change(app, 'insert into role_inheritance select ?, unnest(?::text[])', name, `{${inherits.join()}}`);
    await change(app, 'insert into role_permissions select ?, unnest(?::text[])', name, `{${permissions.join()}}`);
  }
  await furnish();
  viewers = await everyViewer();
});
afterAll(() => app.close());

/** Sees to a row of each kind for the viewer, a colleague of the same account, and a stranger of another. */
async function furnish(): Promise<void> {
  for (const [index, name] of people.entries()) {
    await change(
      app,
      `insert into users (id, username, email, email_key, display_name, account_id, created_at, updated_at)
       select gen_random_uuid(), name, name, name, 'Somebody', (select id from accounts order by id offset ? limit 1), now(), now()
       from (select ?::text as name) as given`,
      index === 2 ? 1 : 0,
      name,
    );
  }
  const theirs = `from users where username in ('${people.join(`', '`)}')`;
  for (const sql of [
    `insert into role_assignments select id, 'STANDARD' ${theirs}`,
    `insert into sessions (id, user_id, device, address, created_at, last_used_at, expires_at)
       select gen_random_uuid(), id, 'd', '::1', now(), now(), now() ${theirs}`,
    `insert into api_keys (id, user_id, name, key_hash, roles, permissions, created_at)
       select gen_random_uuid(), id, 'k', id, '{}', '{}', now() ${theirs}`,
    `insert into external_identities select 'issuer', id, id ${theirs}`,
    `insert into documents (id, title, content, author_id, author_name, created_at, updated_at)
       select gen_random_uuid(), 'Title', 'Text', id, display_name, now(), now() ${theirs}`,
    `insert into role_exclusions values ('SALES', 'UNUSED', 'STATIC')`,
    `insert into accounts (id, name, status, billing_email, created_at, updated_at)
       values (gen_random_uuid(), 'Empty', 'ACTIVE', 'e', now(), now())`,
    `insert into audit_events (id, at, action, details) values (gen_random_uuid(), now(), 'x', '{}')`,
  ]) {
    await change(app, sql);
  }
}

/** One person as each of the roles, with an account and without, and an anonymous viewer. */
async function everyViewer(): Promise<ReadonlyMap<string, Viewer>> {
  const [person] = await look<{ id: string; account: string }>(
    app,
    `select id, account_id as account from users where username = 'viewer'`,
  );
  const graph = await app.database.run(systemScope, loadRoleGraph);
  const roles = [...demoLogins.map(({ role }) => role), ...Object.keys(added)];
  const asOne = (role: string, accountId: string | null): Viewer =>
    viewerOf({ id: person?.id ?? '', active: true, accountId, assigned: [role] }, graph, {
      credential: 'access token',
      activation: 'all',
    });
  return new Map([
    ['ANONYMOUS', anonymous],
    ...roles.map((role) => [role, asOne(role, person?.account ?? '')] as const),
    ...roles.map((role) => [`${role}, no account`, asOne(role, null)] as const),
  ]);
}

/** A case in which row-level security is wider than the directives, on purpose: the directives alone decide. */
interface Exception {
  readonly reason: string;
  readonly lines: readonly string[];
  readonly who: () => string[];
}

const both = (...roles: string[]): string[] => roles.flatMap((role) => [role, `${role}, no account`]);
const signedIn = (...except: string[]): string[] =>
  both(...[...demoLogins.map(({ role }) => role), ...Object.keys(added)].filter((role) => !except.includes(role)));

const ADMINS = ['SUPER_ADMIN', 'ADMIN'];

/** The added roles that are one permission and nothing else. */
const only = (...except: string[]): string[] =>
  Object.keys(added).filter((name) => /^[a-z]+:[a-z]+$/.test(name) && !except.includes(name));

const exceptions: readonly Exception[] = [
  {
    reason: 'One’s own account is one row scope: that only its ACCOUNT_ADMIN changes it is decided by the directive.',
    lines: ['accounts update: directives none, rows own'],
    who: () =>
      'STANDARD MANAGER WAREHOUSE SALES ACCOUNT_MANAGER GUEST UNUSED AUDITOR'.split(' ').concat(only('accounts:write')),
  },
  {
    reason:
      'users:write and users:roles are one row scope. Directives and the rules of administration tell them apart,',
    lines: [
      'users insert: directives none, rows all',
      'users update: directives own, rows all',
      'users update of addresses: directives none, rows all',
      'sessions update: directives none, rows all',
      'credentials insert: directives none, rows all',
      ...['sessions', 'api_keys', 'external_identities', 'credentials'].map(
        (table) => `${table} delete: directives none, rows all`,
      ),
    ],
    who: () => both('users:roles'),
  },
  {
    reason: 'in both directions.',
    lines: ['insert', 'update', 'delete'].map((verb) => `role_assignments ${verb}: directives none, rows all`),
    who: () => both('users:write'),
  },
  {
    reason: 'Roles are changed knowing who holds them, so that no holder gets two that exclude each other.',
    lines: ['role_assignments select: directives own, rows all'],
    who: () => ['ACCOUNT_ADMIN, audit and roles, no account', ...both('roles:write')],
  },
  {
    reason: 'So does an administrator of one account who changes roles.',
    lines: ['role_assignments select: directives account, rows all'],
    who: () => ['ACCOUNT_ADMIN, audit and roles'],
  },
  {
    reason:
      'A deleted role leaves the sessions of all users, and whom one sees one may end: the rules of users stand there.',
    lines: ['sessions update: directives account, rows all'],
    who: () => ['ACCOUNT_ADMIN, audit and roles'],
  },
  {
    reason: 'What roles there are is needed to know what each user holds. No row of them belongs to a user.',
    lines: ['roles', 'role_inheritance', 'role_permissions'].map(
      (table) => `${table} select: directives none, rows all`,
    ),
    who: () => {
      const readers = Object.keys(added).filter((name) => name.startsWith('ACCOUNT_ADMIN'));
      return signedIn(...ADMINS, 'ACCOUNT_ADMIN', ...readers, 'roles:read', 'roles:write', 'users:roles');
    },
  },
  {
    reason: 'So is which of them exclude each other.',
    lines: ['role_exclusions select: directives none, rows all'],
    who: () => signedIn(...ADMINS, 'roles:read', 'roles:write', 'ACCOUNT_ADMIN, audit and roles'),
  },
  {
    reason: 'Administrators write every document. The service makes none in the name of others.',
    lines: ['documents insert: directives own, rows all'],
    who: () => both(...ADMINS, 'documents:write', 'documents:delete'),
  },
  {
    reason: 'Those who change every document and those who delete it are one row scope: the service tells them apart.',
    lines: ['documents update: directives own, rows all'],
    who: () => both('documents:delete'),
  },
  {
    reason: 'The same, the other way round.',
    lines: ['documents delete: directives own, rows all'],
    who: () => both('documents:write'),
  },
];

/** Returns where directives and row-level security differ: a line for each gate and difference, and the viewers. */
async function differences(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const gate of gates) {
    const reaches = new Map<string, readonly Reach[]>();
    for (const [who, viewer] of viewers) {
      const scope = rowScopeOf(viewer);
      const reached = reaches.get(JSON.stringify(scope)) ?? (await reachByRows(app, scope, gate));
      reaches.set(JSON.stringify(scope), reached);
      const directives = reachByDirectives(app, viewer, gate);
      if (!reached.includes(directives)) {
        (found[`${gate.name}: directives ${directives}, rows ${reached[0] ?? 'something else'}`] ??= []).push(who);
      }
    }
  }
  return found;
}

describe('who reaches which rows, by the directives of the schema and by row-level security', () => {
  it('directives and row-level security agree for every table, verb and role, but for these exceptions', async () => {
    const expected = exceptions.flatMap(({ lines, who }) => lines.map((line) => [line, who().sort()] as const));
    const found = Object.entries(await differences()).map(([line, who]) => [line, who.sort()] as const);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  it('the comparison tries every right that a viewer has on any table', async () => {
    const rights = await grantsToViewers();
    const tried = new Set(gates.map(({ name }) => name.split(' ').slice(0, 2).join(' ')));
    const isTried = (right: string): boolean => {
      const [table = '', verb = ''] = right.split(' ');
      // Tables of `npm run new` are tried by the tests that it writes.
      return table in tableRequirements || tried.has(`${table} ${verb}`);
    };
    expect(rights.filter((right) => !isTried(right))).toEqual([
      // Enough to find the rows that a change of a user or a role ends, and to see that they belong to a visible user.
      'api_keys select (roles, user_id)',
      'api_keys update (roles)',
      'credentials select (user_id)',
      'external_identities select (user_id)',
      // Deleted with the user by removeUser.
      'login_challenges delete',
      'login_challenges select (user_id)',
      'passkeys delete',
      'passkeys select (user_id)',
      'password_resets delete',
      'password_resets select (user_id)',
      'recovery_codes delete',
      'recovery_codes select (user_id)',
      'sessions select (ended_at, id, roles, user_id)',
      'totp_secrets delete',
      'totp_secrets select (user_id)',
    ]);
  });
});

/** Every right of any viewer's role, as `table verb`; with its columns where they are not all that there are. */
async function grantsToViewers(): Promise<string[]> {
  const roles = [...scopes.public, ...viewerRoles.keys()].map((role) => `'${role}'`).join();
  const rows = await look<{ right: string }>(
    app,
    `select c.relname || ' ' || verb || case when bool_or(whole) then '' else
         ' (' || string_agg(distinct a.attname, ', ' order by a.attname) || ')' end as right
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped,
       unnest(array[${roles}]) as role, unnest(array['select', 'insert', 'update', 'delete']) as verb,
       lateral (select has_table_privilege(role, c.oid, verb) as whole) as w
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f')
       and (whole or case when verb = 'delete' then false else has_column_privilege(role, c.oid, a.attnum, verb) end)
     group by c.relname, verb order by 1`,
  );
  return rows.map(({ right }) => right);
}
