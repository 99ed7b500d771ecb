import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, SYSTEM_ROLE } from '../scopes.ts';
import { grant } from './sql.ts';

/** Sign-ins of browsers at external issuers. */
export class IssuerSignIns extends Migration {
  override up(): void {
    this.addSql('alter table external_identities add column linked_at timestamptz(3) null');
    // A login at an issuer may wait for a second factor as well, and verifies no password.
    this.addSql('alter table login_challenges alter column password_version drop not null');
    this.addSql(`create table issuer_sign_ins (
      token_hash text not null, issuer text not null, purpose text not null, user_id uuid null, session_id uuid null,
      second_factor boolean not null, roles text[] null, return_to text not null, started_at timestamptz(3) not null,
      expires_at timestamptz(3) not null, primary key (token_hash),
      constraint issuer_sign_ins_purpose_check check (purpose in ('sign in', 'link', 'reauthenticate')))`);
    this.addSql('alter table issuer_sign_ins enable row level security');
    this.addSql('alter table issuer_sign_ins force row level security');
    this.addSql(`create policy issuer_sign_ins_auth on issuer_sign_ins to ${AUTH_ROLE}, ${SYSTEM_ROLE} using (true)`);
    this.addSql(grant('select, insert, update, delete', 'issuer_sign_ins', [AUTH_ROLE, SYSTEM_ROLE]));
  }
}
