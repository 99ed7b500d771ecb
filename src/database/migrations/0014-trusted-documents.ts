import { Migration } from '@mikro-orm/migrations';
import { SYSTEM_ROLE } from '../scopes.ts';
import { grant } from './sql.ts';

/** Documents that clients name by their hash. Only the server itself reads and writes them. */
export class TrustedDocuments extends Migration {
  override up(): void {
    this.addSql(`create table trusted_documents (
      hash text collate "C" not null, text text not null, max_age int null, published_at timestamptz(3) not null,
      primary key (hash))`);
    this.addSql('alter table trusted_documents enable row level security');
    this.addSql('alter table trusted_documents force row level security');
    this.addSql(`create policy trusted_documents_server on trusted_documents to ${SYSTEM_ROLE} using (true)`);
    this.addSql(grant('select, insert, update, delete', 'trusted_documents', [SYSTEM_ROLE]));
  }
}
