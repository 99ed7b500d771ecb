import { defineEntity, type InferEntity, type Opt, p } from '@mikro-orm/core';
import { currentViewerId, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { UserEntity } from './user.ts';

const everybody = [...scopes.public, ...scopes.signedIn, SYSTEM_ROLE];

/**
 * A document. Every viewer sees that it exists; the public role has no right to read or search `content`. Only the author
 * and administrators of all users write it.
 */
export const DocumentEntity = defineEntity({
  name: 'Document',
  tableName: 'documents',
  properties: {
    id: p.uuid().primary(),
    title: p.text().collation('und-x-icu'),
    /** Loaded only if a query selects it. */
    content: p.text().$type<string | undefined>().lazy(),
    /** The id of the author; null once that user's row is deleted. */
    author: p.uuid().fieldName('author_id').nullable(),
    /** The author's current display name: the database copies it from `users`, which the public cannot read. */
    authorName: p.text(),
    /** The foreign key that does so. Read `author` instead. */
    namedAuthor: () =>
      p
        .manyToOne(UserEntity)
        .joinColumns('author_id', 'author_name')
        .referencedColumnNames('id', 'display_name')
        .foreignKeyName('documents_named_author_foreign')
        .updateRule('cascade')
        .deleteRule('set null (author_id)')
        .nullable()
        .hidden(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    version: p.integer().version().default(1),
    /** The text that a search of titles covers. */
    titleWords: p
      .string()
      .$type<Opt<string>>()
      .columnType('tsvector')
      .generated(`(to_tsvector('simple'::regconfig, rolegate_fold(title))) stored`)
      .lazy(),
    /** The text that a search of titles and contents covers. */
    words: p
      .string()
      .$type<Opt<string>>()
      .columnType('tsvector')
      .generated(`(to_tsvector('simple'::regconfig, rolegate_fold(((title || ' '::text) || content)))) stored`)
      .lazy(),
  },
  indexes: [
    { name: 'documents_title_id', properties: ['title', 'id'] },
    { name: 'documents_created_at_id', properties: ['createdAt', 'id'] },
    { name: 'documents_updated_at_id', properties: ['updatedAt', 'id'] },
    { name: 'documents_author_id', properties: ['author'] },
    { name: 'documents_title_words', properties: ['titleWords'], type: 'gin' },
    { name: 'documents_words', properties: ['words'], type: 'gin' },
  ],
  rowLevelSecurity: 'force',
  policies: [
    { name: 'documents_read', command: 'select', roles: everybody, using: 'true' },
    {
      name: 'documents_write_own',
      roles: [...scopes.documentsOwn],
      using: `author_id = ${currentViewerId}`,
    },
    { name: 'documents_write_all', roles: [...scopes.documentsAll, SYSTEM_ROLE], using: 'true' },
  ],
});

export type Document = InferEntity<typeof DocumentEntity>;
