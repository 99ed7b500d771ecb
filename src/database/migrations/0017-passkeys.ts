import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { grant } from './sql.ts';

/** Passkeys of users, and the challenges that these sign. */
export class Passkeys extends Migration {
  override up(): void {
    this.addSql(`create table passkeys (
      id uuid not null, user_id uuid not null, name text not null, credential_id text not null, public_key text not null,
      counter bigint not null, created_at timestamptz(3) not null, last_used_at timestamptz(3) null, primary key (id),
      constraint passkeys_credential_id_unique unique (credential_id),
      constraint passkeys_user_id_foreign foreign key (user_id) references users (id) on delete cascade)`);
    this.addSql('create index passkeys_user_id_index on passkeys (user_id)');
    this.addSql(`create table passkey_challenges (
      challenge_hash text not null, purpose text not null, expires_at timestamptz(3) not null,
      primary key (challenge_hash))`);
    for (const table of ['passkeys', 'passkey_challenges']) {
      this.addSql(`alter table ${table} enable row level security`);
      this.addSql(`alter table ${table} force row level security`);
      this.addSql(`create policy ${table}_auth on ${table} to ${AUTH_ROLE}, ${SYSTEM_ROLE} using (true)`);
      this.addSql(grant('select, insert, update, delete', table, [AUTH_ROLE, SYSTEM_ROLE]));
    }
    this.addSql(`create policy passkeys_of_users on passkeys to ${scopes.usersAllWrite.join(', ')} using (true)`);
    this.addSql(grant('select (user_id), delete', 'passkeys', scopes.usersAllWrite));
  }
}
