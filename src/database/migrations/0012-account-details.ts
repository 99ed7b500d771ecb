import { Migration } from '@mikro-orm/migrations';
import { scopes } from '../scopes.ts';
import { grant } from './sql.ts';

const icu = 'collate "und-x-icu"';
/** As `foldName` folds names. */
const folded = `normalize(lower(upper(normalize(name, NFKC) ${icu}) ${icu}), NFKC)`;

/** Unique names of accounts, their descriptions and telephone numbers. */
export class AccountDetails extends Migration {
  override up(): void {
    this.addSql('alter table accounts add column name_key text collate "C" null');
    this.addSql('alter table accounts add column description text null, add column phone text null');
    // The owner of the tables obeys the policies as well, and none is for it.
    this.addSql('alter table accounts no force row level security');
    // Of accounts whose names are equal already, the oldest has the key: the others keep their names until they change.
    this.addSql(`update accounts set name_key = oldest.key from (
      select distinct on (key) id, key from (select id, created_at, ${folded} as key from accounts) keyed
      order by key, created_at, id) oldest where oldest.id = accounts.id`);
    this.addSql('alter table accounts force row level security');
    this.addSql('alter table accounts add constraint accounts_name_key_unique unique (name_key)');
    this.addSql(grant('update (name_key, description, phone)', 'accounts', scopes.signedIn));
  }
}
