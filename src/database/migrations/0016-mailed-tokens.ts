import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, SYSTEM_ROLE } from '../scopes.ts';
import { grant } from './sql.ts';

/** Addresses that users confirm with a mailed token, and invitations. */
export class MailedTokens extends Migration {
  override up(): void {
    this.addSql('alter table users add column email_verified boolean not null default true');
    this.addSql(grant('update (email, email_key, email_verified, version)', 'users', [AUTH_ROLE]));
    // One table for the tokens mailed to a user: what voids those that reset a password voids the others as well.
    this.addSql(
      `alter table password_resets add column kind text not null default 'reset', add column email text null`,
    );
    this.addSql(
      `alter table password_resets add constraint password_resets_kind_check check (kind in ('reset', 'email'))`,
    );
    this.addSql(`create table invitations (
      token_hash text not null, email text not null, email_key text not null, roles text[] not null,
      account_id uuid null, invited_by_id uuid not null, created_at timestamptz(3) not null,
      expires_at timestamptz(3) not null, primary key (token_hash),
      constraint invitations_account_id_foreign foreign key (account_id) references accounts (id) on delete cascade,
      constraint invitations_invited_by_id_foreign foreign key (invited_by_id) references users (id) on delete cascade)`);
    for (const column of ['email_key', 'account_id', 'invited_by_id']) {
      this.addSql(`create index invitations_${column}_index on invitations (${column})`);
    }
    this.addSql('alter table invitations enable row level security');
    this.addSql('alter table invitations force row level security');
    this.addSql(`create policy invitations_auth on invitations to ${AUTH_ROLE}, ${SYSTEM_ROLE} using (true)`);
    this.addSql(grant('select, insert, update, delete', 'invitations', [AUTH_ROLE, SYSTEM_ROLE]));
  }
}
