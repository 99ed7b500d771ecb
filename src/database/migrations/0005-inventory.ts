import { Migration } from '@mikro-orm/migrations';
import { SYSTEM_ROLE } from '../scopes.ts';
import { firstScopes as scopes } from './first-scopes.ts';
import { grant } from './sql.ts';

const readers: readonly string[] = [...scopes.signedIn, SYSTEM_ROLE];

/** The inventory. */
export class Inventory extends Migration {
  override up(): void {
    this.addSql(`create table inventory_items (
      name_key text collate "C" not null, name text collate "und-x-icu" not null, data jsonb not null,
      updated_at timestamptz(3) not null, version int not null default 1, primary key (name_key),
      constraint inventory_items_count_check check ((data ->> 'count')::int >= 0))`);
    this.addSql('create index inventory_items_name_name_key on inventory_items (name, name_key)');
    this.addSql('create index inventory_items_updated_at_name_key on inventory_items (updated_at, name_key)');
    this.addSql('alter table inventory_items enable row level security');
    this.addSql('alter table inventory_items force row level security');
    this.addSql(`create policy inventory_items_signed_in on inventory_items to ${readers.join(', ')} using (true)`);
    this.addSql(grant('select, insert, update, delete', 'inventory_items', readers));
  }
}
