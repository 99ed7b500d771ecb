import { LRUCache } from 'lru-cache';
import type { ClientBase, Connection, FieldDef, Submittable } from 'pg';

type Row = Record<string, unknown>;
/** Called with the error, or with the rows of the last statement and its command tag (`UPDATE 1`). */
type Done = (error: Error | null, rows: Row[], tag: string) => void;

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
  #blank: Row = {};
  #rows: Row[] = [];
  /** True from the description of a statement's rows until the statement is complete. */
  #isDescribed = false;
  #tag = '';
  /** Set by the driver where a query has a time limit: ends the timer. */
  callback: (() => void) | undefined;
  /** The error that ended reading; further rows are discarded. */
  #failure: Error | null = null;

  /** @param done is called when the statements have ended, or have failed */
  constructor(text: string, types: Pick<ClientBase, 'getTypeParser'>, done: Done) {
    this.#text = text;
    this.#types = types;
    this.#done = done;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    const { blank, names } = layoutOf(fields);
    this.#blank = blank;
    this.#columns = fields.map(({ dataTypeID }, index) => ({
      name: names[index] ?? '',
      parse: this.#types.getTypeParser(dataTypeID, 'text'),
    }));
    this.#rows = [];
    this.#isDescribed = true;
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#failure === null) {
      try {
        this.#rows.push(rowOf(this.#blank, this.#columns, fields));
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
      }
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = this.#isDescribed ? this.#rows : [];
    this.#isDescribed = false;
    this.#tag = text;
  }

  handleEmptyQuery(): void {
    // There is nothing to wait for.
  }

  handleError(error: Error): void {
    this.callback?.();
    this.#done(error, [], '');
  }

  handleReadyForQuery(): void {
    this.callback?.();
    this.#done(this.#failure, this.#rows, this.#tag);
  }
}

/** The names of columns, and a row without values: copies of it share one shape, which nothing has to be added to. */
interface Layout {
  readonly names: readonly string[];
  readonly blank: Row;
}

/** The layouts of recent statements, by the names of their columns. */
const layouts = new LRUCache<string, Layout>({ max: 1_000 });

function layoutOf(fields: readonly FieldDef[]): Layout {
  const names = fields.map(({ name }) => name);
  const key = names.join('\0');
  const layout = layouts.get(key) ?? { names, blank: Object.fromEntries(names.map((name) => [name, null])) };
  layouts.set(key, layout);
  return layout;
}

function rowOf(blank: Row, columns: readonly Column[], texts: readonly (string | null)[]): Row {
  const row = { ...blank };
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index] as Column;
    const text = texts[index];
    row[column.name] = text === null || text === undefined ? null : column.parse(text);
  }
  return row;
}
