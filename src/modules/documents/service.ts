import { LockMode } from '@mikro-orm/core';
import { v4 as randomUuid, validate as isUuid } from 'uuid';
import { verdictOn } from '../../access/index.ts';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import { type Document, DocumentEntity, type Tables, type User, UserEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { selectRow } from '../../database/rows.ts';
import { Forbidden, NotFound, requireVersion } from '../../lib/errors.ts';
import type { SelectedColumns } from '../../paging/selected-columns.ts';
import { containsWords } from '../../paging/condition.ts';
import { type Connection, pageRequest, type PageArguments } from '../../paging/connection.ts';
import { fetchConnection, type ListDefinition, type Order } from '../../paging/list.ts';
import { usersByIds, isOneself, managesUsers } from '../users/service.ts';
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

/** Lists documents. A search covers only the columns that the viewer may read: anonymous viewers may not read contents. */
export function listDocuments(
  context: RequestContext,
  input: DocumentListInput,
  selected: SelectedColumns | null,
): Promise<DocumentConnection> {
  const { unit, cursors, policy, viewer } = context;
  const search = input.filter?.search;
  const searched =
    verdictOn(policy, { viewer, coordinate: 'Document.content' }) === 'allowed' ? 'words' : 'title_words';
  return fetchConnection((work) => unit.read(work), cursors, {
    list: documentList,
    order: input.orderBy ?? { field: 'CREATED_AT', direction: 'DESC' },
    page: pageRequest(input),
    conditions: search ? [containsWords(searched, search)] : [],
    selected,
  });
}

function noSuchDocument(): NotFound {
  return new NotFound('There is no such document');
}

/** Returns one document with its text. @throws {NotFound} */
export async function requireDocument({ unit }: RequestContext, id: string): Promise<Document> {
  const document = isUuid(id)
    ? await unit.read((reader) => selectRow(reader, DocumentEntity, 'id', id, ['content']))
    : null;
  if (document === null) {
    throw noSuchDocument();
  }
  return document;
}

/** Returns the texts of several documents, in one statement. */
export async function contentsOfDocuments(
  { unit }: RequestContext,
  ids: readonly string[],
): Promise<(string | null)[]> {
  const rows = await unit.read((reader) =>
    reader.getKysely<Tables>().selectFrom('documents').select(['id', 'content']).where('id', 'in', ids).execute(),
  );
  const byId = new Map(rows.map(({ id, content }) => [id, content]));
  return ids.map((id) => byId.get(id) ?? null);
}

/**
 * Returns the author of a document; null if that user has been removed, or does not exist for the viewer.
 *
 * @throws {Forbidden} if it is another user and the viewer manages no users
 */
export async function getAuthor({ viewer, loaders }: RequestContext, author: string | null): Promise<User | null> {
  const signedIn = requireSignedIn(viewer);
  if (author !== null && !isOneself(signedIn, author) && !managesUsers(signedIn)) {
    throw new Forbidden('Permission denied');
  }
  return author === null ? null : loaders.of(usersByIds).load(author);
}

/** Creates a document with the viewer as its author. */
export function createDocument(context: RequestContext, input: CreateDocumentInput): Promise<Document> {
  const viewer = requireSignedIn(context.viewer);
  const fields = { title: requireTitle(input.title), content: requireContent(input.content) };
  const now = context.now();
  return context.unit.write(async (em) => {
    // The user is locked, so that a concurrent change of their name waits, and then renames this document's author as well.
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
 * Changes a document. Fields that are left out stay unchanged.
 *
 * @throws {NotFound} if there is no such document
 * @throws {Forbidden} if the viewer may not change it
 * @throws {Conflict} if a newer version is stored
 */
export function updateDocument(context: RequestContext, id: string, input: UpdateDocumentInput): Promise<Document> {
  const { title, content } = input;
  const changes = {
    ...(typeof title === 'string' ? { title: requireTitle(title) } : {}),
    ...(typeof content === 'string' ? { content: requireContent(content) } : {}),
  };
  return context.unit.write(async (em) => {
    const document = await requireChangeable(context, em, id, 'documents:write');
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

/** Deletes a document. Returns it as it was. @throws {NotFound} @throws {Forbidden} if the viewer may not delete it */
export function deleteDocument(context: RequestContext, id: string): Promise<Document> {
  return context.unit.write(async (em) => {
    const document = await requireChangeable(context, em, id, 'documents:delete');
    await em.nativeDelete(DocumentEntity, { id });
    await record(context, em, 'document.deleted', id);
    return document;
  });
}

/** Locks a document that the viewer may change until the transaction ends, and returns it. */
async function requireChangeable(
  context: RequestContext,
  em: EntityManager,
  id: string,
  permission: 'documents:write' | 'documents:delete',
): Promise<Document> {
  const viewer = requireSignedIn(context.viewer);
  // Rows of other authors can be read, but not locked, so the author, which never changes, is read first.
  const found = isUuid(id) ? await authorOf(em, id) : undefined;
  if (found === undefined) {
    throw noSuchDocument();
  }
  if (!mayChange(viewer, found, permission)) {
    throw new Forbidden('Permission denied');
  }
  const options = { lockMode: LockMode.PESSIMISTIC_WRITE, populate: ['content'] } as const;
  const document = await em.findOne(DocumentEntity, { id }, options);
  if (document === null) {
    throw noSuchDocument(); // it was deleted in between
  }
  return document;
}

function authorOf(em: EntityManager, id: string): Promise<{ readonly author: string | null } | undefined> {
  const documents = em.getKysely<Tables>().selectFrom('documents');
  return documents.select('author_id as author').where('id', '=', id).executeTakeFirst();
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
