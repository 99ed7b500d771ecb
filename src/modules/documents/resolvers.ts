import { selectedColumns } from '../../paging/selected-columns.ts';
import type { Resolvers } from '../../generated/resolvers.ts';
import { liveField } from '../live-field.ts';
import { readDocumentChange, watchDocuments } from './live.ts';
import {
  contentsOfDocuments,
  createDocument,
  deleteDocument,
  getAuthor,
  listDocuments,
  requireDocument,
  updateDocument,
} from './service.ts';

export const documentResolvers: Resolvers = {
  Query: {
    documents: (_parent, input, context, info) => listDocuments(context, input, selectedColumns(info, context.policy)),
    document: (_parent, { id }, context) => requireDocument(context, id),
  },
  Mutation: {
    createDocument: (_parent, { input }, context) => createDocument(context, input),
    updateDocument: (_parent, { id, input }, context) => updateDocument(context, id, input),
    deleteDocument: (_parent, { id }, context) => deleteDocument(context, id),
  },
  Subscription: {
    documentChanged: liveField({ watch: watchDocuments, read: readDocumentChange }),
  },
  Document: {
    authorName: ({ authorName }, _arguments, { viewer, settings }) =>
      viewer.id === null && !settings.publicAuthorNames ? null : authorName,
    content: ({ id, content }, _arguments, { loaders }) => content ?? loaders.of(contentsOfDocuments).load(id),
    author: ({ author }, _arguments, context) => getAuthor(context, author ?? null),
  },
};
