import { Migration } from '@mikro-orm/migrations';
import { scopes } from '../scopes.ts';
import { grant } from './sql.ts';

const searched = {
  users: String.raw`username || e'\n' || display_name || e'\n' || email`,
  accounts: 'name',
};

/** Folds what is searched as names are folded when they are compared, and the keys of names by the same rule. */
export class FoldedSearch extends Migration {
  override up(): void {
    // The steps of `foldName`. With a body in this form the function does not depend on the search path.
    this.addSql(`create function rolegate_fold(text) returns text language sql immutable strict parallel safe
      return replace(normalize(lower(upper(lower(normalize($1, nfkc) collate "und-x-icu"))), nfkc), 'ς', 'σ')`);
    for (const [table, text] of Object.entries(searched)) {
      this.addSql(`alter table ${table} drop column search`);
      this.addSql(`alter table ${table} add column search text collate "C" not null
        generated always as (rolegate_fold(${text}) collate "C") stored`);
      this.addSql(`create index ${table}_search on ${table} using gin (search gin_trgm_ops)`);
    }
    this.#documents();
    this.#keys('inventory_items');
    this.#keys('accounts');
  }

  #documents(): void {
    for (const [column, text] of [
      ['title_words', 'title'],
      ['words', `title || ' ' || content`],
    ]) {
      this.addSql(`alter table documents drop column ${column}`);
      this.addSql(`alter table documents add column ${column} tsvector not null
        generated always as (to_tsvector('simple', rolegate_fold(${text}))) stored`);
      this.addSql(`create index documents_${column} on documents using gin (${column})`);
    }
    this.addSql(grant('select (title_words)', 'documents', scopes.public));
  }

  /** Folds the keys of names again. One of two rows whose names have become equal keeps its old key. */
  #keys(table: string): void {
    // The owner of the tables obeys the policies as well, and none is for it.
    this.addSql(`alter table ${table} no force row level security`);
    this.addSql(`update ${table} set name_key = rolegate_fold(name_key) where name_key in (
      select distinct on (rolegate_fold(name_key)) name_key from ${table} as one
      where name_key <> rolegate_fold(name_key) and not exists (
        select from ${table} as other where other.name_key = rolegate_fold(one.name_key)))`);
    this.addSql(`alter table ${table} force row level security`);
  }
}
