import { Migration } from '@mikro-orm/migrations';

const searched = {
  users: String.raw`lower(username || e'\n' || display_name || e'\n' || email)`,
  accounts: 'lower(name)',
};

/** Keeps what is searched beside what it is made of: to fold a name takes ten times as long as to look at it. */
export class SearchColumns extends Migration {
  override up(): void {
    for (const [table, folded] of Object.entries(searched)) {
      this.addSql(`drop index ${table}_search`);
      this.addSql(`alter table ${table} add column search text collate "C" not null
        generated always as (${folded} collate "C") stored`);
      this.addSql(`create index ${table}_search on ${table} using gin (search gin_trgm_ops)`);
    }
  }
}
