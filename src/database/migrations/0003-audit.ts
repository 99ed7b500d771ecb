import { Migration } from '@mikro-orm/migrations';
import { AUTH_ROLE, SYSTEM_ROLE } from '../scopes.ts';
import { firstRoles as databaseRoles, firstScopes as scopes } from './first-scopes.ts';
import { grant } from './sql.ts';

const text = 'text collate "C"';
const viewer = `(select nullif(current_setting('rolegate.viewer_id', true), '')::uuid)`;
const columns = 'id, at, actor_id, action, target_type, target_id, address, details, count';

/** The audit trail: every role adds to it, administrators read it, no role changes it. */
export class Audit extends Migration {
  override up(): void {
    this.#tables();
    this.#indexes();
    this.#rowLevelSecurity();
    this.#rights();
  }

  #tables(): void {
    this.addSql(`create table audit_events (
      id uuid not null, at timestamptz(3) not null, actor_id uuid null, action ${text} not null,
      target_type ${text} null, target_id ${text} null, address text null, details jsonb not null,
      count int not null default 1, seal bigint null, primary key (id))`);
    this.addSql(`create table audit_seals (
      number bigint not null, prev_hash text not null, hash text not null, signature text not null,
      count int not null, digests bytea not null, sealed_at timestamptz(3) not null, primary key (number))`);
    this.addSql(`create table audit_checkpoints (
      number bigint not null, hash text not null, events bigint not null, made_at timestamptz(3) not null,
      signature text not null, primary key (number))`);
  }

  #indexes(): void {
    this.addSql('create index audit_events_at_id on audit_events (at, id)');
    for (const column of ['actor_id', 'action', 'target_id', 'target_type']) {
      this.addSql(`create index audit_events_${column}_at_id on audit_events (${column}, at, id)`);
    }
    this.addSql('create index audit_events_seal_id on audit_events (seal, id)');
  }

  #rowLevelSecurity(): void {
    const policy = (name: string, command: string, roles: readonly string[], condition: string): void => {
      this.addSql(`create policy ${name} on audit_events for ${command} to ${roles.join(', ')} ${condition}`);
    };
    for (const table of ['audit_events', 'audit_seals', 'audit_checkpoints']) {
      this.addSql(`alter table ${table} enable row level security`);
      this.addSql(`alter table ${table} force row level security`);
    }
    const viewers = [...scopes.public, ...scopes.signedIn];
    policy('audit_events_by_viewer', 'insert', viewers, `with check (not (actor_id is distinct from ${viewer}))`);
    policy('audit_events_by_server', 'insert', [AUTH_ROLE, SYSTEM_ROLE], 'with check (true)');
    policy('audit_events_read', 'select', [...scopes.usersAll, SYSTEM_ROLE], 'using (true)');
    const once = 'using (seal is null) with check (seal is not null)';
    policy('audit_events_seal_once', 'update', [SYSTEM_ROLE], once);
    policy('audit_events_retention', 'delete', [SYSTEM_ROLE], 'using (seal is not null)');
    this.addSql(`create policy audit_seals_system on audit_seals to ${SYSTEM_ROLE} using (true)`);
    this.addSql(`create policy audit_checkpoints_system on audit_checkpoints to ${SYSTEM_ROLE} using (true)`);
  }

  #rights(): void {
    // Without `seal`: no role may insert a row that is sealed already.
    this.addSql(grant(`insert (${columns})`, 'audit_events', databaseRoles));
    this.addSql(grant('select', 'audit_events', [...scopes.usersAll, SYSTEM_ROLE]));
    this.addSql(grant('update (seal), delete', 'audit_events', [SYSTEM_ROLE]));
    // Seals and checkpoints are never changed, not even by the system.
    this.addSql(grant('select, insert, delete', 'audit_seals, audit_checkpoints', [SYSTEM_ROLE]));
  }
}
