import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, NOBODY_ROLE, SYSTEM_ROLE } from '../scopes.ts';
import { firstRoles as databaseRoles, firstScopes as scopes } from './first-scopes.ts';
import { createRole, grant } from './sql.ts';

const icu = 'collate "und-x-icu"';
const viewer = `(select nullif(current_setting('rolegate.viewer_id', true), '')::uuid)`;
const account = `(select nullif(current_setting('rolegate.account_id', true), '')::uuid)`;
const everySignedIn = [...scopes.signedIn, AUTH_ROLE, SYSTEM_ROLE];

/** Accounts, users, credentials, roles: the tables, their row-level security, and the rights to them. */
export class Foundation extends Migration {
  override up(): void {
    for (const role of [...databaseRoles, NOBODY_ROLE]) {
      this.addSql(createRole(role));
    }
    this.#tables();
    this.#rowLevelSecurity();
    this.#rights();
  }

  #tables(): void {
    this.addSql(`create table accounts (
      id uuid not null, name text ${icu} not null, status text not null, billing_email text not null, iban text null,
      created_at timestamptz(3) not null, updated_at timestamptz(3) not null, version int not null default 1, primary key (id),
      constraint accounts_status_check check (status in ('ACTIVE', 'SUSPENDED', 'CLOSED')))`);
    this.addSql('create index accounts_name_id on accounts (name, id)');
    this.addSql('create index accounts_created_at_id on accounts (created_at, id)');

    this.addSql(`create table users (
      id uuid not null, username text ${icu} not null, email text ${icu} not null, email_key text not null,
      display_name text ${icu} not null, active boolean not null default true, account_id uuid null,
      created_at timestamptz(3) not null, updated_at timestamptz(3) not null, version int not null default 1, primary key (id),
      constraint users_username_unique unique (username), constraint users_email_key_unique unique (email_key),
      constraint users_account_id_foreign foreign key (account_id) references accounts (id) on delete restrict)`);
    this.addSql('create index users_username_id on users (username, id)');
    this.addSql('create index users_display_name_id on users (display_name, id)');
    this.addSql('create index users_created_at_id on users (created_at, id)');
    this.addSql('create index users_account_username_id on users (account_id, username, id)');

    this.addSql(`create table credentials (
      user_id uuid not null, password_hash text not null, updated_at timestamptz(3) not null, version int not null default 1,
      primary key (user_id), constraint credentials_user_id_foreign
      foreign key (user_id) references users (id) on update cascade on delete cascade)`);

    this.addSql(`create table roles (
      name text ${icu} not null, description text not null default '', built_in boolean not null default false,
      version int not null default 1, primary key (name))`);
    this.addSql(`create table role_inheritance (
      role text ${icu} not null, inherits text ${icu} not null, primary key (role, inherits),
      constraint role_inheritance_role_foreign
      foreign key (role) references roles (name) on update cascade on delete cascade,
      constraint role_inheritance_inherits_foreign
      foreign key (inherits) references roles (name) on update cascade on delete restrict)`);
    this.addSql('create index role_inheritance_inherits_index on role_inheritance (inherits)');
    this.addSql(`create table role_permissions (
      role text ${icu} not null, permission text not null, primary key (role, permission),
      constraint role_permissions_role_foreign foreign key (role) references roles (name) on delete cascade)`);
    this.addSql(`create table role_assignments (
      user_id uuid not null, role text ${icu} not null, primary key (user_id, role),
      constraint role_assignments_user_id_foreign
      foreign key (user_id) references users (id) on update cascade on delete cascade,
      constraint role_assignments_role_foreign
      foreign key (role) references roles (name) on update cascade on delete restrict)`);
    this.addSql('create index role_assignments_role_index on role_assignments (role)');
  }

  #rowLevelSecurity(): void {
    const policy = (table: string, name: string, roles: readonly string[], using: string): void => {
      this.addSql(`create policy ${name} on ${table} to ${roles.join(', ')} using (${using})`);
    };
    const tables = ['accounts', 'users', 'credentials', 'roles'];
    for (const table of [...tables, 'role_inheritance', 'role_permissions', 'role_assignments']) {
      this.addSql(`alter table ${table} enable row level security`);
      this.addSql(`alter table ${table} force row level security`);
    }
    policy('accounts', 'accounts_own', scopes.accountsOwn, `id = ${account}`);
    policy('accounts', 'accounts_all', [...scopes.accountsAll, AUTH_ROLE, SYSTEM_ROLE], 'true');
    policy('users', 'users_self', scopes.usersSelf, `id = ${viewer}`);
    policy('users', 'users_of_account', scopes.usersOfAccount, `account_id = ${account}`);
    policy('users', 'users_all', [...scopes.usersAll, AUTH_ROLE, SYSTEM_ROLE], 'true');
    policy('credentials', 'credentials_auth', [AUTH_ROLE, SYSTEM_ROLE], 'true');
    policy('roles', 'roles_all', everySignedIn, 'true');
    policy('role_inheritance', 'role_inheritance_all', everySignedIn, 'true');
    policy('role_permissions', 'role_permissions_all', everySignedIn, 'true');
    policy('role_assignments', 'role_assignments_self', scopes.usersSelf, `user_id = ${viewer}`);
    const visibleUser = 'exists (select 1 from users where users.id = user_id)';
    policy('role_assignments', 'role_assignments_of_account', scopes.usersOfAccount, visibleUser);
    policy('role_assignments', 'role_assignments_all', [...scopes.usersAll, AUTH_ROLE, SYSTEM_ROLE], 'true');
  }

  #rights(): void {
    const readable = 'accounts, users, roles, role_inheritance, role_permissions, role_assignments';
    this.addSql(grant('usage', 'schema public', databaseRoles));
    this.addSql(grant('select', readable, [...scopes.signedIn, AUTH_ROLE]));
    this.addSql(grant('select', 'mikro_orm_migrations', [SYSTEM_ROLE]));
    this.addSql(grant('select, insert, update, delete', 'credentials', [AUTH_ROLE]));
    this.addSql(grant('select, insert, update, delete', `${readable}, credentials`, [SYSTEM_ROLE]));
  }
}
