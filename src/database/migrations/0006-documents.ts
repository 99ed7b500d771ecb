import { Migration } from '@mikro-orm/migrations';
import { SYSTEM_ROLE } from '../scopes.ts';
import { firstScopes as scopes } from './first-scopes.ts';
import { grant } from './sql.ts';

const viewer = `(select nullif(current_setting('rolegate.viewer_id', true), '')::uuid)`;
const listed = 'id, title, title_words, author_id, author_name, created_at, updated_at, version';

/** Documents, searchable by their words, under names that follow those of their authors. */
export class Documents extends Migration {
  override up(): void {
    this.#tables();
    this.#rowLevelSecurity();
    this.addSql(grant(`select (${listed})`, 'documents', scopes.public));
    this.addSql(grant('select, insert, update, delete', 'documents', [...scopes.signedIn, SYSTEM_ROLE]));
  }

  #tables(): void {
    this.addSql('alter table users add constraint users_id_display_name_unique unique (id, display_name)');
    this.addSql(`create table documents (
      id uuid not null, title text collate "und-x-icu" not null, content text not null, author_id uuid null,
      author_name text not null, created_at timestamptz(3) not null, updated_at timestamptz(3) not null,
      version int not null default 1,
      title_words tsvector not null generated always as (to_tsvector('simple', title)) stored,
      words tsvector not null generated always as (to_tsvector('simple', title || ' ' || content)) stored,
      primary key (id), constraint documents_named_author_foreign foreign key (author_id, author_name)
      references users (id, display_name) on update cascade on delete set null (author_id))`);
    for (const column of ['title', 'created_at', 'updated_at']) {
      this.addSql(`create index documents_${column}_id on documents (${column}, id)`);
    }
    this.addSql('create index documents_author_id on documents (author_id)');
    this.addSql('create index documents_title_words on documents using gin (title_words)');
    this.addSql('create index documents_words on documents using gin (words)');
  }

  #rowLevelSecurity(): void {
    const policy = (name: string, roles: readonly string[], using: string, command = 'all'): void => {
      this.addSql(`create policy ${name} on documents for ${command} to ${roles.join(', ')} using (${using})`);
    };
    this.addSql('alter table documents enable row level security');
    this.addSql('alter table documents force row level security');
    policy('documents_read', [...scopes.public, ...scopes.signedIn, SYSTEM_ROLE], 'true', 'select');
    policy('documents_write_own', [...scopes.usersSelf, ...scopes.usersOfAccount], `author_id = ${viewer}`);
    policy('documents_write_all', [...scopes.usersAll, SYSTEM_ROLE], 'true');
  }
}
