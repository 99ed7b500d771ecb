import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { hashOfDocument, type TrustedDocument, type TrustedDocumentCache } from '../database/trusted-documents.ts';

/** The documents that are answered: all, all and those that are named by a hash, or only published ones. */
export type DocumentMode = 'off' | 'prefer' | 'only';

/** The results of looking for the document of a request. */
export type DocumentOutcome = 'published' | 'automatic' | 'registered' | 'unknown' | 'refused';

/** A request whose document is not answered. The context is null where the viewer is not known yet. */
export interface DeniedDocument<Context> {
  readonly outcome: 'unknown' | 'refused';
  readonly hash: string;
  readonly context: Context | null;
}

/** The characters of documents that clients have registered themselves, in this process. */
const AUTOMATIC_CHARACTERS = 8_000_000;

/** The codes of requests whose document is not answered. */
export const DOCUMENT_CODES = {
  unknown: 'PERSISTED_QUERY_NOT_FOUND',
  unsupported: 'PERSISTED_QUERY_NOT_SUPPORTED',
  refused: 'PERSISTED_QUERY_ONLY',
} as const;

/** The messages for people. Requests of Apollo's protocol (APQ) get its own, which clients compare letter by letter. */
export const DOCUMENT_MESSAGES = {
  unknown: 'No document is published under this id.',
  unsupported: 'This server does not accept document ids: send the text as "query".',
  refused: 'This server answers published documents only, and this text is not one of them.',
} as const;

/** A request as a client sends it, with a text, an id, or both. */
export interface NamedDocument {
  readonly query?: unknown;
  /** The id of GraphQL over HTTP, Appendix A: `sha256:` and the hash; or the hash alone. */
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}

/** Returns the hash in an id of a document; other ids are returned as they are, and are unknown. */
export function hashOfId(documentId: string): string {
  return documentId.startsWith('sha256:') ? documentId.slice('sha256:'.length) : documentId;
}

/** Returns the hash that a request names, by either protocol; null if it names none. */
export function namedHash({ documentId, extensions }: NamedDocument): string | null {
  if (typeof documentId === 'string') {
    return hashOfId(documentId);
  }
  const { persistedQuery } = Object(extensions) as { readonly persistedQuery?: unknown };
  const { sha256Hash } = Object(persistedQuery) as { readonly sha256Hash?: unknown };
  return typeof sha256Hash === 'string' ? sha256Hash : null;
}

/**
 * The documents that requests may name by a hash: those that an operator published, and, where other documents are
 * answered, too, those that clients have registered (Apollo's automatic persisted queries).
 */
export class RequestDocuments<Context> {
  readonly mode: DocumentMode;
  /** The number of requests by outcome. */
  readonly outcomes = new Map<DocumentOutcome, number>();
  readonly #trusted: Pick<TrustedDocumentCache, 'get'>;
  readonly #onDenied: (denied: DeniedDocument<Context>) => void;
  readonly #automatic = new LRUCache<string, string>({
    maxSize: AUTOMATIC_CHARACTERS,
    sizeCalculation: (text, hash) => text.length + hash.length,
  });

  constructor(
    mode: DocumentMode,
    trusted: Pick<TrustedDocumentCache, 'get'>,
    onDenied: (denied: DeniedDocument<Context>) => void,
  ) {
    this.mode = mode;
    this.#trusted = trusted;
    this.#onDenied = onDenied;
  }

  /** Returns the published document with this hash. */
  async published(hash: string): Promise<TrustedDocument | undefined> {
    return this.mode === 'off' ? undefined : this.#trusted.get(hash);
  }

  /** Returns the text with this hash, published or registered. */
  async find(hash: string): Promise<string | undefined> {
    const trusted = await this.published(hash);
    const text = trusted?.text ?? (this.mode === 'prefer' ? this.#automatic.get(hash) : undefined);
    if (text !== undefined) {
      this.count(trusted === undefined ? 'automatic' : 'published');
    }
    return text;
  }

  /** Keeps a text that a client registers, in this process. */
  async register(hash: string, text: string): Promise<void> {
    if (this.mode === 'prefer' && (await this.published(hash)) === undefined) {
      this.#automatic.set(hash, text);
      this.count('registered');
    }
  }

  count(outcome: DocumentOutcome): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  /** Counts and reports a request whose document is not answered. */
  deny(outcome: DeniedDocument<Context>['outcome'], hash: string, context: Context | null): void {
    this.count(outcome);
    this.#onDenied({ outcome, hash, context });
  }

  /** Returns the text of a request that does not come over HTTP, or the error of one that is not answered. */
  async textOf(request: NamedDocument): Promise<string | GraphQLError> {
    const text = typeof request.query === 'string' ? request.query : '';
    const hash = namedHash(request);
    if (this.mode === 'off' || (hash === null && this.mode === 'prefer')) {
      return text === '' && hash !== null ? documentError('unsupported') : text;
    }
    if (text === '' || this.mode === 'only') {
      const wanted = text === '' ? (hash ?? '') : hashOfDocument(text);
      const found = await this.find(wanted);
      if (found !== undefined) {
        return found;
      }
      const outcome = text === '' ? 'unknown' : 'refused';
      this.deny(outcome, wanted, null);
      return documentError(outcome);
    }
    if (hash !== null && hash !== hashOfDocument(text)) {
      return new GraphQLError(MISMATCH, { extensions: { code: 'BAD_REQUEST' } });
    }
    return text;
  }
}

/** The message of a text that is sent with the hash of another one. */
export const MISMATCH = 'The hash does not match the text.';

/** Creates the error of a request whose document is not answered. */
function documentError(kind: keyof typeof DOCUMENT_CODES): GraphQLError {
  return new GraphQLError(DOCUMENT_MESSAGES[kind], { extensions: { code: DOCUMENT_CODES[kind] } });
}
