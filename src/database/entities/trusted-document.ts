import { defineEntity, p } from '@mikro-orm/core';
import { SYSTEM_ROLE } from '../scopes.ts';

/** A document that an operator has published: clients may name it by the hash of its text. No viewer reaches it. */
export const TrustedDocumentEntity = defineEntity({
  name: 'TrustedDocument',
  tableName: 'trusted_documents',
  properties: {
    /** The SHA-256 of the text in UTF-8, as 64 hexadecimal digits. */
    hash: p.text().collation('C').primary(),
    text: p.text(),
    /** The seconds for which shared caches may keep an answer in which every field is public. */
    maxAge: p.integer().nullable(),
    publishedAt: p.datetime(3),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'trusted_documents_server', roles: [SYSTEM_ROLE], using: 'true' }],
});
