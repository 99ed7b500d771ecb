import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, ofUserOfAccount, ofVisibleUser, scopes, SYSTEM_ROLE, viewerRoles } from '../scopes.ts';
import { firstRoles, firstScopes } from './first-scopes.ts';
import { createRole, grant } from './sql.ts';

const viewer = `(select nullif(current_setting('rolegate.viewer_id', true), '')::uuid)`;
const account = `(select nullif(current_setting('rolegate.account_id', true), '')::uuid)`;
const server = [AUTH_ROLE, SYSTEM_ROLE];
const scopeRoles = Object.values(scopes).flat();
const auditColumns = 'id, at, actor_id, action, target_type, target_id, address, details, count';

/** The rights of the viewer roles of earlier releases, so that their replicas keep working while they are replaced. */
const earlier: readonly (readonly [roles: readonly string[], scopes: readonly string[]])[] = [
  [firstScopes.signedIn, scopes.signedIn],
  [firstScopes.usersSelf, scopes.usersSelf],
  [firstScopes.usersOfAccount, [...scopes.usersOfAccount, ...scopes.usersOfAccountWrite]],
  [[...firstScopes.usersSelf, ...firstScopes.usersOfAccount], scopes.documentsOwn],
  [
    firstScopes.usersAll,
    [...scopes.usersAll, ...scopes.usersAllWrite, ...scopes.documentsAll, ...scopes.auditRead, ...scopes.rolesWrite],
  ],
  [firstScopes.accountsOwn, scopes.accountsOwn],
  [firstScopes.accountsAll, [...scopes.accountsAll, ...scopes.accountsAllWrite]],
];

/**
 * A scope role for the rows of each table, which policies and grants name from now on, and a viewer role for each
 * combination of them, so that permissions of several subjects combine.
 */
export class Permissions extends Migration {
  override up(): void {
    this.#roles();
    this.#withdraw();
    this.#users();
    this.#accounts();
    this.#roleTables();
    this.#credentials();
    this.#others();
    this.#grants();
  }

  #roles(): void {
    for (const role of scopeRoles.filter((name) => !firstRoles.includes(name))) {
      this.addSql(createRole(role));
    }
    const combinations = [...viewerRoles].map(([role, members]) => `('${role}', '{${members.join()}}'::name[])`);
    const before = earlier.flatMap(([roles, members]) =>
      roles.map((role) => `('${role}', '{${members.join()}}'::name[])`),
    );
    // Roles belong to the cluster: another database may have made them, and two may migrate at once.
    this.addSql(`do $$
      declare
        viewer record;
        scope name;
      begin
        for viewer in select * from (values ${[...combinations, ...before].join(', ')}) as v (role, scopes) loop
          begin
            execute format('create role %I nologin', viewer.role);
          exception when duplicate_object or unique_violation then null;
          end;
          foreach scope in array viewer.scopes loop
            if not pg_has_role(viewer.role, scope, 'member') then
              begin
                execute format('grant %I to %I', scope, viewer.role);
              exception when unique_violation then null;
              end;
            end if;
          end loop;
        end loop;
      end $$`);
  }

  /** Drops the policies and grants that name the viewer roles of earlier releases, which get them by membership. */
  #withdraw(): void {
    const policies = {
      accounts: ['own', 'all'],
      users: ['self', 'of_account', 'all'],
      role_assignments: ['self', 'of_account', 'all'],
      roles: ['all'],
      role_inheritance: ['all'],
      role_permissions: ['all'],
      role_exclusions: ['all'],
      sessions: ['of_users'],
      api_keys: ['of_users'],
      external_identities: ['of_users'],
      credentials: ['of_users'],
      password_resets: ['of_users'],
      access_version: ['raised'],
      documents: ['read', 'write_own', 'write_all'],
      audit_events: ['by_viewer', 'read'],
      inventory_items: ['signed_in'],
    };
    for (const [table, names] of Object.entries(policies)) {
      names.forEach((name) => this.addSql(`drop policy ${table}_${name} on ${table}`));
      this.addSql(`revoke all on ${table} from ${firstScopes.signedIn.join(', ')}`);
    }
  }

  #policy(table: string, name: string, command: string, roles: readonly string[], condition: string): void {
    this.addSql(`create policy ${table}_${name} on ${table} for ${command} to ${roles.join(', ')} ${condition}`);
  }

  #users(): void {
    this.#policy('users', 'self', 'select', scopes.usersSelf, `using (id = ${viewer})`);
    this.#policy('users', 'of_account', 'select', scopes.usersOfAccount, `using (account_id = ${account})`);
    this.#policy('users', 'all', 'select', scopes.usersAll, 'using (true)');
    this.#policy('users', 'server', 'all', server, 'using (true)');
    this.#policy('users', 'change_self', 'update', scopes.signedIn, `using (id = ${viewer})`);
    const ofAccount = `account_id = ${account}`;
    this.#policy('users', 'change_of_account', 'update', scopes.usersOfAccountWrite, `using (${ofAccount})`);
    this.#policy('users', 'add_to_account', 'insert', scopes.usersOfAccountWrite, `with check (${ofAccount})`);
    this.#policy('users', 'change_all', 'update', scopes.usersAllWrite, 'using (true)');
    this.#policy('users', 'add', 'insert', scopes.usersAllWrite, 'with check (true)');
  }

  #accounts(): void {
    this.#policy('accounts', 'own', 'select', scopes.accountsOwn, `using (id = ${account})`);
    this.#policy('accounts', 'all', 'select', scopes.accountsAll, 'using (true)');
    this.#policy('accounts', 'server', 'all', server, 'using (true)');
    this.#policy('accounts', 'change_own', 'update', scopes.signedIn, `using (id = ${account})`);
    this.#policy('accounts', 'change_all', 'update', scopes.accountsAllWrite, 'using (true)');
    this.#policy('accounts', 'add', 'insert', scopes.accountsAllWrite, 'with check (true)');
    this.#policy('accounts', 'delete', 'delete', scopes.accountsAllWrite, 'using (true)');
  }

  #roleTables(): void {
    for (const table of ['roles', 'role_inheritance', 'role_permissions', 'role_exclusions']) {
      this.#policy(table, 'all', 'all', [...scopes.signedIn, ...server], 'using (true)');
    }
    const table = 'role_assignments';
    this.#policy(table, 'self', 'select', scopes.usersSelf, `using (user_id = ${viewer})`);
    this.#policy(table, 'of_account', 'select', scopes.usersOfAccount, `using (${ofVisibleUser})`);
    this.#policy(table, 'all', 'select', [...scopes.usersAll, ...scopes.rolesWrite], 'using (true)');
    this.#policy(table, 'server', 'all', server, 'using (true)');
    for (const [name, roles, condition] of [
      ['of_account', scopes.usersOfAccountWrite, ofUserOfAccount],
      ['all', scopes.usersAllWrite, 'true'],
    ] as const) {
      this.#policy(table, `give_${name}`, 'insert', roles, `with check (${condition})`);
      this.#policy(table, `change_${name}`, 'update', roles, `using (${condition})`);
      this.#policy(table, `take_${name}`, 'delete', roles, `using (${condition})`);
    }
  }

  /** Sessions, keys and passwords of users: ended, and removed, by those who administer users, and left by deleted roles. */
  #credentials(): void {
    for (const table of ['sessions', 'credentials']) {
      this.#policy(table, 'of_account', 'all', scopes.usersOfAccountWrite, `using (${ofUserOfAccount})`);
    }
    for (const table of ['sessions', 'api_keys', 'external_identities', 'credentials']) {
      const leaving = ['sessions', 'api_keys'].includes(table) ? scopes.rolesWrite : [];
      this.#policy(table, 'of_users', 'all', [...scopes.usersAllWrite, ...leaving], 'using (true)');
    }
    this.#policy('password_resets', 'of_users', 'all', scopes.signedIn, `using (${ofVisibleUser})`);
    this.#policy('access_version', 'raised', 'all', scopes.signedIn, 'using (true)');
  }

  #others(): void {
    const everyViewer = [...scopes.public, ...scopes.signedIn];
    this.#policy('documents', 'read', 'select', [...everyViewer, SYSTEM_ROLE], 'using (true)');
    this.#policy('documents', 'write_own', 'all', scopes.documentsOwn, `using (author_id = ${viewer})`);
    this.#policy('documents', 'write_all', 'all', [...scopes.documentsAll, SYSTEM_ROLE], 'using (true)');
    const byViewer = `with check (not (actor_id is distinct from ${viewer}))`;
    this.#policy('audit_events', 'by_viewer', 'insert', everyViewer, byViewer);
    this.#policy('audit_events', 'read', 'select', [...scopes.auditRead, SYSTEM_ROLE], 'using (true)');
    this.#policy('inventory_items', 'signed_in', 'all', [...scopes.signedIn, SYSTEM_ROLE], 'using (true)');
  }

  #grants(): void {
    const give = (what: string, tables: string, ...roles: (readonly string[])[]): void => {
      this.addSql(grant(what, tables, roles.flat()));
    };
    const roleTables = 'roles, role_inheritance, role_permissions, role_exclusions';
    give('usage', 'schema public', scopes.signedIn);
    give('select', `accounts, users, role_assignments, ${roleTables}`, scopes.signedIn);
    give('update (username, display_name, updated_at, version)', 'users', scopes.signedIn);
    give('update (name, billing_email, iban, updated_at, version)', 'accounts', scopes.signedIn);
    give('select (user_id), delete', 'password_resets', scopes.signedIn);
    give('select, update', 'access_version', scopes.signedIn);
    give('select, insert, update, delete', 'documents, inventory_items', scopes.signedIn);
    give(`insert (${auditColumns})`, 'audit_events', scopes.signedIn);
    give('select', 'audit_events', scopes.auditRead);
    give('insert, update, delete', 'accounts', scopes.accountsAllWrite);
    give('insert, update, delete', roleTables, scopes.rolesWrite);
    const administrators = [scopes.usersOfAccountWrite, scopes.usersAllWrite];
    give('insert, update', 'users', ...administrators);
    give('insert, update, delete', 'role_assignments', ...administrators);
    // Sessions are ended and credentials set, but never read, by those who administer users.
    give('select (id, user_id, ended_at), update (ended_at, ended_because)', 'sessions', ...administrators);
    give('insert', 'credentials', ...administrators);
    for (const table of ['sessions', 'api_keys', 'external_identities', 'credentials']) {
      give('select (user_id), delete', table, scopes.usersAllWrite);
    }
    // A deleted role leaves the sessions and keys of all users: see the trigger of 0009.
    give('select (roles), update (roles)', 'sessions, api_keys', scopes.rolesWrite);
  }
}
