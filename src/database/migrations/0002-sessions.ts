import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, SYSTEM_ROLE } from '../scopes.ts';
import { grant } from './sql.ts';

const tables = ['sessions', 'api_keys', 'external_identities', 'password_resets', 'throttles', 'access_version'];

/** Sessions, API keys, external identities, password resets, throttles: what only `auth/` may touch. */
export class Sessions extends Migration {
  override up(): void {
    this.#sessions();
    this.#credentials();
    this.#shared();
    for (const table of tables) {
      this.addSql(`alter table ${table} enable row level security`);
      this.addSql(`alter table ${table} force row level security`);
      this.addSql(`create policy ${table}_auth on ${table} to ${AUTH_ROLE}, ${SYSTEM_ROLE} using (true)`);
      this.addSql(grant('select, insert, update, delete', table, [AUTH_ROLE, SYSTEM_ROLE]));
    }
    // Registration, and the first token of an external issuer, make users.
    this.addSql(grant('insert', 'users, role_assignments', [AUTH_ROLE]));
    // Without the right to change some column a row cannot be locked, as login does.
    this.addSql(grant('update (updated_at)', 'users', [AUTH_ROLE]));
  }

  #sessions(): void {
    this.addSql(`create table sessions (
      id uuid not null, user_id uuid not null, roles text[] null, refresh_hash text null, previous_hash text null,
      rotated_at timestamptz(3) null, cookie_hash text null, device text not null, address text not null,
      created_at timestamptz(3) not null, last_used_at timestamptz(3) not null, expires_at timestamptz(3) not null,
      ended_at timestamptz(3) null, ended_because text null, primary key (id),
      constraint sessions_cookie_hash_unique unique (cookie_hash),
      constraint sessions_user_id_foreign foreign key (user_id) references users (id) on delete cascade)`);
    this.addSql('create index sessions_user_last_used_at_id on sessions (user_id, last_used_at, id)');
  }

  #credentials(): void {
    this.addSql(`create table api_keys (
      id uuid not null, user_id uuid not null, name text not null, key_hash text not null, roles text[] not null,
      permissions text[] not null, created_at timestamptz(3) not null, last_used_at timestamptz(3) null,
      expires_at timestamptz(3) null, revoked_at timestamptz(3) null, primary key (id),
      constraint api_keys_key_hash_unique unique (key_hash),
      constraint api_keys_user_id_foreign foreign key (user_id) references users (id) on delete cascade)`);
    this.addSql('create index api_keys_user_created_at_id on api_keys (user_id, created_at, id)');
    this.addSql(`create table external_identities (
      issuer text not null, subject text not null, user_id uuid not null, primary key (issuer, subject),
      constraint external_identities_user_id_foreign foreign key (user_id) references users (id) on delete cascade)`);
    this.addSql('create index external_identities_user_id_index on external_identities (user_id)');
    this.addSql(`create table password_resets (
      token_hash text not null, user_id uuid not null, created_at timestamptz(3) not null,
      expires_at timestamptz(3) not null, primary key (token_hash),
      constraint password_resets_user_id_foreign foreign key (user_id) references users (id) on delete cascade)`);
    this.addSql('create index password_resets_user_id_index on password_resets (user_id)');
  }

  #shared(): void {
    this.addSql(`create table throttles (
      key text not null, attempts int not null, ends_at timestamptz(3) not null, primary key (key))`);
    this.addSql('create index throttles_ends_at_index on throttles (ends_at)');
    this.addSql(`create table access_version (
      id int not null, version bigint not null, roles_version bigint not null, primary key (id))`);
    this.addSql('insert into access_version values (1, 1, 1)');
  }
}
