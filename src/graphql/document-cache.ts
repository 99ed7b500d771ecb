import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { fragmentsOf, walkSelections } from '../access/selections.ts';
import { CACHED_BYTES, DEFAULT_LIMITS } from './limits.ts';

/** Bytes of a character with its part of the syntax tree, and of what is computed for a field: estimate and plans. */
const [CHARACTER, FIELD] = [30, 1_500];

/** Documents by key. Apollo Server's `documentStore` has this interface. */
export interface DocumentStore {
  get(key: string): Promise<DocumentNode | undefined>;
  set(key: string, document: DocumentNode): Promise<void>;
  delete(key: string): Promise<boolean>;
}

/**
 * The valid documents that were used last, up to a number of bytes. All Apollo Servers of a process share it: a schema
 * for each viewer does not multiply the limit.
 */
export class DocumentCache {
  readonly #documents: LRUCache<string, DocumentNode>;
  #stores = 0;

  constructor(bytes: number = CACHED_BYTES) {
    this.#documents = new LRUCache({ maxSize: bytes, sizeCalculation: sizeOf });
  }

  get(key: string): DocumentNode | undefined {
    return this.#documents.get(key);
  }

  set(key: string, document: DocumentNode): void {
    this.#documents.set(key, document);
  }

  /** Creates a store for the documents that are valid for one schema; no other store sees them. */
  createStore(): DocumentStore {
    const documents = this.#documents;
    this.#stores += 1;
    const prefix = `${this.#stores}:`;
    return {
      get: async (key) => documents.get(prefix + key),
      set: async (key, document) => void documents.set(prefix + key, document),
      delete: async (key) => documents.delete(prefix + key),
    };
  }
}

function sizeOf(document: DocumentNode, key: string): number {
  const length = document.loc?.source.body.length ?? 0;
  return (length + key.length) * CHARACTER + countSelections(document) * FIELD;
}

/** Counts fields and fragments of all operations, as often as spreads repeat them, up to the limit on them. */
function countSelections(document: DocumentNode): number {
  const find = fragmentsOf(document);
  let count = 0;
  const walk = ({ selectionSet }: OperationDefinitionNode | FieldNode): void => {
    if (selectionSet !== undefined) {
      walkSelections(selectionSet, document, find, { select, field: walk, enter: () => document });
    }
  };
  const select = (): boolean => ++count <= DEFAULT_LIMITS.selections;
  document.definitions.forEach((node) => node.kind === Kind.OPERATION_DEFINITION && walk(node));
  return count;
}
