import { LockMode } from '@mikro-orm/core';
import { v4 as randomUuid, validate as isUuid } from 'uuid';
import { verdictOn } from '../../access/index.ts';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import { type Document, DocumentEntity, type User, UserEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { selectRow } from '../../database/rows.ts';
import { Forbidden, NotFound } from '../../lib/errors.ts';
import type { AskedOfPage } from '../../paging/selected-columns.ts';
import { containsWords } from '../../paging/condition.ts';
import type { Connection } from '../../paging/connection.ts';
import { fetchConnection, type ListDefinition, type Order } from '../../paging/list.ts';
import { pageRequest, type PageArguments } from '../../paging/page-request.ts';
import { usersByIds } from '../users/service.ts';
import { isOneself, managesUsers } from '../users/rules.ts';
import { requireVersion } from '../../lib/version.ts';
import { mayChange, requireContent, requireTitle } from './rules.ts';

export type DocumentConnection = Connection<Document>;
export type DocumentOrderField = 'TITLE' | 'CREATED_AT' | 'UPDATED_AT';

const documentList: ListDefinition<Document, DocumentOrderField> = {
  name: 'documents',
  entity: DocumentEntity,
  orders: { TITLE: 'title', CREATED_AT: 'createdAt', UPDATED_AT: 'updatedAt' },
  key: 'id',
  computed: { content: ['id'], author: ['author'] },
};

export interface DocumentListInput extends PageArguments {
  readonly filter?: { readonly search?: string | null } | null;
  readonly orderBy?: Order<DocumentOrderField> | null;
}

export interface CreateDocumentInput {
  readonly title: string;
  readonly content: string;
}

export interface UpdateDocumentInput {
  readonly title?: string | null | undefined;
  readonly content?: string | null | undefined;
  readonly version?: number | null | undefined;
}

/** What there is to read. A search looks at what the viewer may read: the texts are closed to the public. */
export function listDocuments(
  context: RequestContext,
  input: DocumentListInput,
  asked: AskedOfPage | null,
): Promise<DocumentConnection> {
  const { unit, cursors, policy, viewer } = context;
  const search = input.filter?.search;
  const searched = verdictOn(policy, viewer, 'Document.content') === 'allowed' ? 'words' : 'title_words';
  return fetchConnection((work) => unit.read(work), cursors, {
    list: documentList,
    order: input.orderBy ?? { field: 'CREATED_AT', direction: 'DESC' },
    page: pageRequest(input),
    conditions: search ? [containsWords(searched, search)] : [],
    asked,
  });
}

function noSuchDocument(): NotFound {
  return new NotFound('There is no such document');
}

/** One document with its text. @throws {NotFound} */
export async function requireDocument({ unit }: RequestContext, id: string): Promise<Document> {
  const document = isUuid(id)
    ? await unit.read((reader) => selectRow(reader, DocumentEntity, 'id', id, ['content']))
    : null;
  if (document === null) {
    throw noSuchDocument();
  }
  return document;
}

/** The texts of several documents, in one statement. */
export async function contentsOfDocuments(
  { unit }: RequestContext,
  ids: readonly string[],
): Promise<(string | null)[]> {
  const rows = await unit.read((reader) =>
    reader.execute<{ id: string; content: string }[]>('select id, content from documents where id = any(?::uuid[])', [
      `{${ids.join(',')}}`,
    ]),
  );
  const byId = new Map(rows.map(({ id, content }) => [id, content]));
  return ids.map((id) => byId.get(id) ?? null);
}

/**
 * Who wrote a document, as a user; null when that user is gone, or not for the viewer to know of.
 *
 * @throws {Forbidden} when it is somebody else and the viewer manages nobody
 */
export async function getAuthor({ viewer, loaders }: RequestContext, author: string | null): Promise<User | null> {
  const signedIn = requireSignedIn(viewer);
  if (author !== null && !isOneself(signedIn, author) && !managesUsers(signedIn)) {
    throw new Forbidden('Permission denied');
  }
  return author === null ? null : loaders.of(usersByIds).load(author);
}

/** Makes a document, of which the viewer is the author. */
export function createDocument(context: RequestContext, input: CreateDocumentInput): Promise<Document> {
  const viewer = requireSignedIn(context.viewer);
  const fields = { title: requireTitle(input.title), content: requireContent(input.content) };
  const now = context.now();
  return context.unit.write(async (em) => {
    // Locked, so that nobody renames the author before the document is there to follow.
    const author = await em.findOneOrFail(UserEntity, { id: viewer.id }, { lockMode: LockMode.PESSIMISTIC_READ });
    const document = em.create(DocumentEntity, {
      ...fields,
      id: randomUuid(),
      author: author.id,
      authorName: author.displayName,
      createdAt: now,
      updatedAt: now,
      version: 1,
    });
    await em.flush();
    await record(context, em, 'document.created', document.id);
    return document;
  });
}

/**
 * Changes a document. What is left out stays.
 *
 * @throws {NotFound} {@link Forbidden} {@link Conflict} when there is none, it is another's, or it has a newer version
 */
export function updateDocument(context: RequestContext, id: string, input: UpdateDocumentInput): Promise<Document> {
  const { title, content } = input;
  const changes = {
    ...(typeof title === 'string' ? { title: requireTitle(title) } : {}),
    ...(typeof content === 'string' ? { content: requireContent(content) } : {}),
  };
  return context.unit.write(async (em) => {
    const document = await requireChangeable(context, em, id);
    requireVersion(document, input.version);
    if (Object.keys(changes).length === 0) {
      return document;
    }
    em.assign(document, { ...changes, updatedAt: context.now() });
    await em.flush();
    await record(context, em, 'document.updated', id, { fields: Object.keys(changes) });
    return document;
  });
}

/** Deletes a document. Returns it as it was. @throws {NotFound} {@link Forbidden} when there is none, or it is another's */
export function deleteDocument(context: RequestContext, id: string): Promise<Document> {
  return context.unit.write(async (em) => {
    const document = await requireChangeable(context, em, id);
    await em.execute('delete from documents where id = ?', [id], 'run');
    await record(context, em, 'document.deleted', id);
    return document;
  });
}

/** A document that the viewer may change, locked until the transaction ends. */
async function requireChangeable(context: RequestContext, em: EntityManager, id: string): Promise<Document> {
  const viewer = requireSignedIn(context.viewer);
  // Rows that are another's can be read, but not locked: so whose it is, which never changes, is found out first.
  const sql = 'select author_id as author from documents where id = ?';
  const [found] = isUuid(id) ? await em.execute<{ author: string | null }[]>(sql, [id]) : [];
  if (found === undefined) {
    throw noSuchDocument();
  }
  if (!mayChange(viewer, found)) {
    throw new Forbidden('Permission denied');
  }
  const options = { lockMode: LockMode.PESSIMISTIC_WRITE, populate: ['content'] } as const;
  const document = await em.findOne(DocumentEntity, { id }, options);
  if (document === null) {
    throw noSuchDocument(); // somebody else has deleted it since
  }
  return document;
}

function record(
  context: RequestContext,
  em: EntityManager,
  action: 'document.created' | 'document.updated' | 'document.deleted',
  id: string,
  details: { readonly fields?: readonly string[] } = {},
): Promise<void> {
  return recordEvent(em, auditBy(context), { action, target: { type: 'document', id }, details });
}
