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
