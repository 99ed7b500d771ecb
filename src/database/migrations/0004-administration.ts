import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, ofVisibleUser, SYSTEM_ROLE } from '../scopes.ts';
import { firstScopes as scopes } from './first-scopes.ts';
import { grant } from './sql.ts';

const icu = 'collate "und-x-icu"';
const everySignedIn = [...scopes.signedIn, AUTH_ROLE, SYSTEM_ROLE];

/** Mutually exclusive roles, and the rights of those who administer users, roles and accounts. */
export class Administration extends Migration {
  override up(): void {
    this.#exclusions();
    this.#rowLevelSecurity();
    this.#rights();
  }

  #exclusions(): void {
    this.addSql(`create table role_exclusions (
      a text ${icu} not null, b text ${icu} not null, kind text not null, primary key (a, b, kind),
      constraint role_exclusions_kind_check check (kind in ('STATIC', 'DYNAMIC')),
      constraint role_exclusions_a_foreign foreign key (a) references roles (name) on delete cascade,
      constraint role_exclusions_b_foreign foreign key (b) references roles (name) on delete cascade)`);
    this.addSql('create index role_exclusions_b_index on role_exclusions (b)');
    this.addSql('alter table role_exclusions enable row level security');
    this.addSql('alter table role_exclusions force row level security');
    this.addSql(`create policy role_exclusions_all on role_exclusions to ${everySignedIn.join(', ')} using (true)`);
    this.addSql(grant('select', 'role_exclusions', [...scopes.signedIn, AUTH_ROLE]));
    this.addSql(grant('select, insert, update, delete', 'role_exclusions', [...scopes.usersAll, SYSTEM_ROLE]));
  }

  #rowLevelSecurity(): void {
    for (const table of ['sessions', 'api_keys', 'external_identities', 'credentials']) {
      const roles = scopes.usersOfOthers.join(', ');
      this.addSql(`create policy ${table}_of_users on ${table} to ${roles} using (${ofVisibleUser})`);
    }
    const raisers = scopes.signedIn.join(', ');
    this.addSql(`create policy access_version_raised on access_version to ${raisers} using (true)`);
  }

  #rights(): void {
    const administrators = scopes.usersOfOthers;
    this.addSql(grant('insert', 'users', administrators));
    this.addSql(grant('update', 'users', administrators));
    this.addSql(grant('update (username, display_name, updated_at, version)', 'users', scopes.usersSelf));
    this.addSql(grant('insert, update, delete', 'role_assignments', administrators));
    this.addSql(grant('insert, update, delete', 'roles, role_inheritance, role_permissions', scopes.usersAll));
    this.addSql(grant('update', 'accounts', scopes.accountsAll));
    const details = 'name, billing_email, iban, updated_at, version';
    this.addSql(grant(`update (${details})`, 'accounts', scopes.accountsOwn));
    this.addSql(grant('insert, delete', 'accounts', scopes.accountsAll));
    this.addSql(grant('select, update', 'access_version', scopes.signedIn));
    // Sessions are ended and credentials set, but never read, by those who administer users.
    this.addSql(grant('select (id, user_id, ended_at), update (ended_at, ended_because)', 'sessions', administrators));
    this.addSql(grant('insert', 'credentials', administrators));
    for (const table of ['sessions', 'api_keys', 'external_identities', 'credentials']) {
      this.addSql(grant('select (user_id), delete', table, scopes.usersAll));
    }
  }
}
