import { Migration } from '@mikro-orm/migrations';
import { SYSTEM_ROLE } from '../scopes.ts';
import { grant } from './sql.ts';

/** Endpoints that audit events are posted to, and what became of each event. Only the server itself reaches them. */
export class Webhooks extends Migration {
  override up(): void {
    this.addSql(`create table webhooks (
      id uuid not null, url text not null, actions text[] not null, secret text not null, previous_secret text null,
      previous_until timestamptz(3) null, enabled boolean not null, disabled_because text null,
      after_seal bigint not null, after_id uuid null, attempts int not null, next_attempt_at timestamptz(3) not null,
      failing_since timestamptz(3) null, leased_by uuid null, leased_until timestamptz(3) null,
      created_at timestamptz(3) not null, version int not null, primary key (id))`);
    this.addSql(`create table webhook_deliveries (
      id uuid not null, webhook_id uuid not null, event_id uuid not null, action text collate "C" not null,
      state text collate "C" not null, requested boolean not null, attempts int not null, status int null,
      failure text null, created_at timestamptz(3) not null, attempted_at timestamptz(3) null, primary key (id),
      constraint webhook_deliveries_webhook_id_foreign foreign key (webhook_id) references webhooks (id) on delete cascade)`);
    this.addSql('create unique index webhook_deliveries_webhook_event on webhook_deliveries (webhook_id, event_id)');
    this.addSql(
      'create index webhook_deliveries_webhook_state on webhook_deliveries (webhook_id, state, created_at, id)',
    );
    for (const table of ['webhooks', 'webhook_deliveries']) {
      this.addSql(`alter table ${table} enable row level security`);
      this.addSql(`alter table ${table} force row level security`);
      this.addSql(`create policy ${table}_server on ${table} to ${SYSTEM_ROLE} using (true)`);
      this.addSql(grant('select, insert, update, delete', table, [SYSTEM_ROLE]));
    }
  }
}
