import type { ClientBase, Connection, FieldDef, Submittable } from 'pg';

type Row = Record<string, unknown>;
type Done = (error: Error | null, rows: Row[]) => void;

/** A column of a result, and what its text becomes. */
interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/**
 * Statements that travel in one message of the simple protocol, of which the last one's rows are wanted. The driver's
 * own query makes a result for each statement, and tells of each row.
 */
export class RowsQuery implements Submittable {
  readonly #text: string;
  readonly #types: Pick<ClientBase, 'getTypeParser'>;
  readonly #done: Done;
  #columns: readonly Column[] = [];
  #rows: Row[] = [];
  /** The error that ended reading; further rows are discarded. */
  #failure: Error | null = null;

  /** @param done is told once: of the error, or of the rows */
  constructor(text: string, types: Pick<ClientBase, 'getTypeParser'>, done: Done) {
    this.#text = text;
    this.#types = types;
    this.#done = done;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#types.getTypeParser(dataTypeID, 'text'),
    }));
    this.#rows = [];
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#failure === null) {
      try {
        this.#rows.push(rowOf(this.#columns, fields));
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
      }
    }
  }

  handleCommandComplete(): void {
    // The command tag is not needed.
  }

  handleEmptyQuery(): void {
    // There is nothing to wait for.
  }

  handleError(error: Error): void {
    this.#done(error, []);
  }

  handleReadyForQuery(): void {
    this.#done(this.#failure, this.#rows);
  }
}

function rowOf(columns: readonly Column[], texts: readonly (string | null)[]): Row {
  const row: Row = {};
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index] as Column;
    const text = texts[index];
    row[column.name] = text === null || text === undefined ? null : column.parse(text);
  }
  return row;
}
