import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { grant } from './sql.ts';

const TABLES = {
  totp_secrets: `user_id uuid not null, secret text not null, created_at timestamptz(3) not null,
    confirmed_at timestamptz(3) null, last_step bigint null, primary key (user_id)`,
  recovery_codes: 'user_id uuid not null, code_hash text not null, primary key (user_id, code_hash)',
  login_challenges: `token_hash text not null, user_id uuid not null, password_version int not null, roles text[] null,
    in_cookie boolean not null, expires_at timestamptz(3) not null, primary key (token_hash)`,
};

/** Second factors of users, and in sessions the times of what was shown. */
export class SecondFactors extends Migration {
  override up(): void {
    for (const [table, columns] of Object.entries(TABLES)) {
      this.addSql(`create table ${table} (${columns}, constraint ${table}_user_id_foreign
        foreign key (user_id) references users (id)${table === 'totp_secrets' ? ' on update cascade' : ''} on delete cascade)`);
      this.addSql(`alter table ${table} enable row level security`);
      this.addSql(`alter table ${table} force row level security`);
      this.addSql(`create policy ${table}_auth on ${table} to ${AUTH_ROLE}, ${SYSTEM_ROLE} using (true)`);
      this.addSql(grant('select, insert, update, delete', table, [AUTH_ROLE, SYSTEM_ROLE]));
      this.addSql(`create policy ${table}_of_users on ${table} to ${scopes.usersAllWrite.join(', ')} using (true)`);
      this.addSql(grant('select (user_id), delete', table, scopes.usersAllWrite));
    }
    this.addSql('create index login_challenges_user_id_index on login_challenges (user_id)');
    this.addSql(`alter table sessions add column authenticated_at timestamptz(3) null,
      add column second_factor_at timestamptz(3) null`);
  }
}
