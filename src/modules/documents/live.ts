import type { RequestContext } from '../../context.ts';
import { type Document, DocumentEntity } from '../../database/entities/index.ts';
import { selectRow } from '../../database/rows.ts';
import { type ChangeActions, type ChangeKind, changeOf, sharedRow } from '../live-field.ts';
import type { LiveEvent } from '../../database/events/committed-events.ts';

const ACTIONS: ChangeActions = {
  'document.created': 'CREATED',
  'document.updated': 'UPDATED',
  'document.deleted': 'DELETED',
};

export interface DocumentChange {
  readonly kind: ChangeKind;
  readonly id: string;
  readonly document: Document | null;
}

export interface DocumentWatchInput {
  readonly id?: string | null;
}

/** Subscribes to changes of documents, or of one document if an id is given. */
export function watchDocuments(
  { live }: RequestContext,
  { id }: DocumentWatchInput,
): Promise<AsyncIterable<LiveEvent>> {
  const key = id?.toLowerCase() ?? null;
  return live.subscribe((event) => {
    const change = changeOf(ACTIONS, event);
    return change !== null && (key === null || change.target === key);
  });
}

const readDocument = sharedRow(DocumentEntity, (reader, _event, id: string) =>
  selectRow(reader, DocumentEntity, 'id', id),
);

/** Returns the change of a document with its current state; null if it has been deleted since, which is an event of its own. */
export async function readDocumentChange(context: RequestContext, event: LiveEvent): Promise<DocumentChange | null> {
  const change = changeOf(ACTIONS, event);
  if (change === null) {
    return null;
  }
  const { kind, target: id } = change;
  if (kind === 'DELETED') {
    return { kind, id, document: null };
  }
  const document = await readDocument(context, event, id);
  return document === null ? null : { kind, id, document };
}
