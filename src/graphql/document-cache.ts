import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { fragmentsOf, walkSelections } from '../access/selections.ts';
import { plannedFields } from './execute/document-plans.ts';
import { CACHED_BYTES, DEFAULT_LIMITS } from './limits.ts';

/** Bytes of a character with its part of the syntax tree, of a field in the cost estimate, and of a field in a plan. */
const [CHARACTER, FIELD, PLANNED_FIELD] = [30, 500, 1_000];

/** The digits of a SHA-256 hash. */
const HASH_DIGITS = 64;

/** A kept document, and how many fields had been planned for it when it was measured. */
interface Entry {
  readonly document: DocumentNode;
  readonly planned: number;
  /** The keys by text of the store that the document belongs to, if it belongs to one. */
  readonly keys: Map<string, string> | undefined;
}

/** The valid documents of one schema by key. Apollo Server's `documentStore` has this interface; its keys end with a hash. */
export interface DocumentStore {
  /** Returns the document that has this text. */
  find(text: string): DocumentNode | undefined;
  get(key: string): Promise<DocumentNode | undefined>;
  set(key: string, document: DocumentNode): Promise<void>;
  delete(key: string): Promise<boolean>;
}

/**
 * The valid documents that were used last, up to a number of bytes. All Apollo Servers of a process share it: a schema
 * for each viewer does not multiply the limit.
 */
export class DocumentCache {
  readonly #entries: LRUCache<string, Entry>;
  #stores = 0;

  constructor(bytes: number = CACHED_BYTES) {
    this.#entries = new LRUCache({
      maxSize: bytes,
      sizeCalculation: sizeOf,
      dispose: ({ document, keys }, _key, reason) => reason !== 'set' && keys?.delete(textOf(document)),
    });
  }

  get(key: string): DocumentNode | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined && plannedFields(entry.document) > entry.planned) {
      this.set(key, entry.document, entry.keys); // measures it again
    }
    return entry?.document;
  }

  set(key: string, document: DocumentNode, keys?: Map<string, string>): void {
    this.#entries.set(key, { document, planned: plannedFields(document), keys });
    if (this.#entries.has(key)) {
      keys?.set(textOf(document), key);
    } else {
      keys?.delete(textOf(document)); // larger than the cache
    }
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  /** Creates a store for the documents that are valid for one schema; no other store sees them. */
  createStore(): DocumentStore {
    this.#stores += 1;
    const prefix = `${this.#stores}:`;
    const keyOf = (key: string): string => prefix + key.slice(-HASH_DIGITS);
    const keys = new Map<string, string>();
    return {
      find: (text) => {
        const key = keys.get(text);
        return key === undefined ? undefined : this.get(key);
      },
      get: async (key) => this.get(keyOf(key)),
      set: async (key, document) => this.set(keyOf(key), document, keys),
      delete: async (key) => this.delete(keyOf(key)),
    };
  }
}

const textOf = (document: DocumentNode): string => document.loc?.source.body ?? '';

function sizeOf({ document, planned }: Entry, key: string): number {
  return (
    (textOf(document).length + key.length) * CHARACTER + countSelections(document) * FIELD + planned * PLANNED_FIELD
  );
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
