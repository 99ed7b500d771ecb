import { BadUserInput } from '../lib/errors.ts';

const MAX_PAGE_SIZE = 200;
const DEFAULT_PAGE_SIZE = 20;

/** The paging arguments of a connection field, as clients send them. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** The wanted page: a number of rows from one end of the range between two cursors. */
export interface PageRequest {
  readonly size: number;
  /** True if the rows are counted from the end of the list. */
  readonly fromEnd: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

/**
 * Checks the paging arguments (GraphQL Cursor Connections Specification §4). Without `first` and `last`: the first 20.
 *
 * @throws {BadUserInput} if a size is negative or over 200, or both ends are counted from
 */
export function pageRequest({ first, after, last, before }: PageArguments): PageRequest {
  const counted = first ?? null;
  const countedFromEnd = last ?? null;
  if (counted !== null && countedFromEnd !== null) {
    throw new BadUserInput('"first" and "last" exclude each other: pass one of them', { field: 'last' });
  }
  const fromEnd = countedFromEnd !== null;
  const size = countedFromEnd ?? counted ?? DEFAULT_PAGE_SIZE;
  if (size < 0 || size > MAX_PAGE_SIZE) {
    const argument = fromEnd ? 'last' : 'first';
    throw new BadUserInput(`"${argument}" must be from 0 to ${MAX_PAGE_SIZE}`, { field: argument });
  }
  return { size, fromEnd, after: after ?? null, before: before ?? null };
}

export interface Edge<Row> {
  readonly cursor: string;
  readonly node: Row;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** The rows of one page and what lies beyond them. */
export interface Slice<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** The parts of a connection that are computed only when they are selected. */
export interface ConnectionParts<Row> {
  readonly cursorOf: (row: Row) => string;
  readonly count: () => Promise<number>;
}

/** A page in the shape that GraphQL clients see. Cursors and the total are computed when they are selected. */
export class Connection<Row> {
  readonly nodes: readonly Row[];
  readonly #slice: Slice<Row>;
  readonly #parts: ConnectionParts<Row>;

  constructor(slice: Slice<Row>, parts: ConnectionParts<Row>) {
    this.nodes = slice.rows;
    this.#slice = slice;
    this.#parts = parts;
  }

  get edges(): Edge<Row>[] {
    return this.nodes.map((node) => ({ cursor: this.#parts.cursorOf(node), node }));
  }

  get pageInfo(): PageInfo {
    const { hasNextPage, hasPreviousPage } = this.#slice;
    return { hasNextPage, hasPreviousPage, startCursor: this.#cursorAt(0), endCursor: this.#cursorAt(-1) };
  }

  get totalCount(): Promise<number> {
    return this.#parts.count();
  }

  #cursorAt(index: number): string | null {
    const row = this.nodes.at(index);
    return row === undefined ? null : this.#parts.cursorOf(row);
  }
}
