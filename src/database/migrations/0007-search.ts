import { Migration } from '@mikro-orm/migrations';

/** Trigram indexes, so that a search reads what it finds and not the whole table. */
export class Search extends Migration {
  override up(): void {
    this.addSql('create extension if not exists pg_trgm');
    const user = String.raw`(lower(username || e'\n' || display_name || e'\n' || email) collate "C")`;
    this.addSql(`create index users_search on users using gin (${user} gin_trgm_ops)`);
    this.addSql('create index accounts_search on accounts using gin ((lower(name) collate "C") gin_trgm_ops)');
  }
}
