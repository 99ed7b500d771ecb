import { Text } from '@mantine/core';
import {
  CreateDocumentDocument,
  DeleteDocumentDocument,
  DocumentChangedDocument,
  DocumentDocument,
  type DocumentRowFragment,
  DocumentsDocument,
  UpdateDocumentDocument,
} from '../generated/graphql.ts';
import type { FormField, Resource } from '../resource.ts';
import { text } from '../text.ts';
import { Lock, Time } from '../ui/states.tsx';

const words = text.documents;

/** A document; its text is read with one document only. */
type Row = DocumentRowFragment & { readonly content?: string | null };

const fieldsOf = (input: string): FormField<Row>[] => [
  {
    name: 'title',
    title: words.name,
    coordinate: `${input}.title`,
    kind: 'text',
    required: true,
    read: (row) => row.title,
  },
  {
    name: 'content',
    title: words.content,
    coordinate: `${input}.content`,
    kind: 'multiline',
    required: true,
    read: (row) => row.content ?? '',
  },
];

export const resource: Resource<Row> = {
  path: 'documents',
  title: words.title,
  one: words.one,
  group: 'data',
  coordinate: 'Query.documents',
  list: DocumentsDocument,
  detail: { coordinate: 'Query.document', document: DocumentDocument },
  flags: { content: 'Document.content' },
  keyOf: ({ id }) => id,
  nameOf: ({ title }) => title,
  versionOf: ({ version }) => version,
  columns: [
    {
      id: 'title',
      title: words.name,
      coordinate: 'Document.title',
      cell: (row) => row.title,
      sort: { field: 'TITLE', coordinate: 'DocumentOrderField.TITLE' },
    },
    {
      id: 'author',
      title: words.author,
      coordinate: 'Document.authorName',
      cell: (row) => row.authorName ?? text.table.none,
    },
    {
      id: 'createdAt',
      title: words.created,
      coordinate: 'Document.createdAt',
      cell: (row) => <Time at={row.createdAt} />,
      sort: { field: 'CREATED_AT', coordinate: 'DocumentOrderField.CREATED_AT' },
    },
    {
      id: 'updatedAt',
      title: words.updated,
      coordinate: 'Document.updatedAt',
      cell: (row) => <Time at={row.updatedAt} />,
      sort: { field: 'UPDATED_AT', coordinate: 'DocumentOrderField.UPDATED_AT' },
    },
  ],
  search: 'DocumentFilter.search',
  create: {
    coordinate: 'Mutation.createDocument',
    document: CreateDocumentDocument,
    fields: fieldsOf('CreateDocumentInput'),
  },
  update: {
    coordinate: 'Mutation.updateDocument',
    document: UpdateDocumentDocument,
    fields: fieldsOf('UpdateDocumentInput'),
  },
  remove: { coordinate: 'Mutation.deleteDocument', document: DeleteDocumentDocument },
  changes: { coordinate: 'Subscription.documentChanged', document: DocumentChangedDocument },
  extra: (row) =>
    row.content === undefined ? <Lock coordinate="Document.content" /> : <Text className="prose">{row.content}</Text>,
};
