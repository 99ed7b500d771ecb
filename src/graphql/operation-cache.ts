import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { conditionsOf, type Plan } from './execute/plan.ts';
import type { OperationScale } from './limits.ts';

/** An operation that is valid for a schema, and what has been made of it. */
export interface Prepared {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The variables that decide what it asks for. */
  readonly conditions: readonly string[];
  scale: OperationScale | null;
  /** By the values of the conditions; null where there is no plan. */
  readonly plans: Map<string, Plan | null>;
  /** Where it is kept, and what that takes. */
  readonly key: string;
  bytes: number;
}

/** What is kept takes so much, in bytes: a character with its part of the syntax tree, and a field of a scale or plan. */
const [CHARACTER, FIELD] = [30, 700];
/** All that is kept takes so much at most. */
const MOST_BYTES = 64_000_000;

/** The operations that were used last, by schema, text and name. */
export class Shelf {
  readonly #kept = new Map<string, Prepared>();
  readonly #numbers = new WeakMap<GraphQLSchema, number>();
  #schemas = 0;
  #bytes = 0;

  take(schema: GraphQLSchema, query: string, operationName: string | null): Prepared | undefined {
    const key = this.#keyOf(schema, query, operationName);
    const prepared = this.#kept.get(key);
    if (prepared !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, prepared);
    }
    return prepared;
  }

  put(
    schema: GraphQLSchema,
    query: string,
    operationName: string | null,
    { document, operation }: Pick<Prepared, 'document' | 'operation'>,
  ): void {
    const key = this.#keyOf(schema, query, operationName);
    if (!this.#kept.has(key)) {
      const conditions = conditionsOf(document, operation);
      const empty = { scale: null, plans: new Map<string, Plan | null>(), bytes: 0 };
      const prepared: Prepared = { schema, document, operation, conditions, key, ...empty };
      this.#kept.set(key, prepared);
      this.#add(prepared, key.length * CHARACTER);
    }
  }

  /** Counts fields that have been added to what is kept. */
  grow(prepared: Prepared, fields: number): void {
    this.#add(prepared, fields * FIELD);
  }

  #add(prepared: Prepared, bytes: number): void {
    if (this.#kept.get(prepared.key) !== prepared) {
      return; // it has made room for others
    }
    prepared.bytes += bytes;
    this.#bytes += bytes;
    for (const [key, oldest] of this.#kept) {
      if (this.#bytes <= MOST_BYTES) {
        break;
      }
      this.#kept.delete(key);
      this.#bytes -= oldest.bytes;
    }
  }

  /** The length of the name tells where the text begins. */
  #keyOf(schema: GraphQLSchema, query: string, operationName: string | null): string {
    const number = this.#numbers.get(schema) ?? ++this.#schemas;
    this.#numbers.set(schema, number);
    return operationName === null
      ? `${number}::${query}`
      : `${number}:${operationName.length}:${operationName}${query}`;
  }
}
