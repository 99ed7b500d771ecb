import { Migration } from '@mikro-orm/migrations';

/**
 * The transaction that added an event, by which processes find what was committed since they last looked. Events of
 * before have none: no process waits for them. Added without a default first, since that would rewrite the table.
 */
export class LiveEvents extends Migration {
  override up(): void {
    this.addSql('alter table audit_events add column tx xid8 null');
    this.addSql('alter table audit_events alter column tx set default pg_current_xact_id()');
  }
}
