import type { EntityName } from '@mikro-orm/core';
import { arrayLiteral } from '../database/literals.ts';
import type { Reader } from '../database/reading-entity-manager.ts';
import { narrowRowShape, type RowShape, rowShapeOf, rowsOf } from '../database/rows.ts';
import type { SelectedColumns } from './selected-columns.ts';
import { allOf, type Condition, relatedTo, type Relation, type Search } from './condition.ts';
import { Connection, type Slice, type PageRequest } from './connection.ts';
import type { Cursors } from './cursor.ts';

/** A list that is paged by keyset: an entity, the properties it can be sorted by, and its unique last sort key. */
export interface ListDefinition<Row extends object, OrderField extends string> {
  /** Names the list in its cursors. */
  readonly name: string;
  readonly entity: EntityName<Row>;
  /** The property that each order sorts by; its column must not be null. */
  readonly orders: Readonly<Record<OrderField, keyof Row & string>>;
  /** The property that is unique, and breaks ties. */
  readonly key: keyof Row & string;
  /**
   * The properties that the resolvers of a row's fields read. Complete rows are read for a selected field that has a
   * resolver and is not named here.
   */
  readonly computed?: Readonly<Record<string, readonly (keyof Row & string)[]>>;
}

export interface Order<OrderField extends string> {
  readonly field: OrderField;
  readonly direction: 'ASC' | 'DESC';
}

/** The conditions on the rows of a list. */
export interface Wanted {
  readonly conditions: readonly Condition[];
  /** A search in a text column, by {@link containsFolded}. */
  readonly search?: Search | null;
}

/** One page of a list. */
export interface ListQuery<Row extends object, OrderField extends string> extends Wanted {
  readonly list: ListDefinition<Row, OrderField>;
  readonly order: Order<OrderField>;
  readonly page: PageRequest;
  /** The selected fields: rows then hold only these, and the columns that are filtered and sorted by. Without it rows are complete. */
  readonly selected?: SelectedColumns | null | undefined;
}

/** Runs the work where the rows may be read: the operation's unit of work. */
export type Read = <T>(work: (reader: Reader) => Promise<T>) => Promise<T>;

/** Fetches one page of the list, and its total when that is selected. */
export async function fetchConnection<Row extends object, OrderField extends string>(
  read: Read,
  cursors: Cursors,
  query: ListQuery<Row, OrderField>,
): Promise<Connection<Row>> {
  const keyset = keysetOf(query, cursors);
  const fetchSlice = async (reader: Reader): Promise<Slice<Row>> => {
    const shape = pageShapeOf(reader, query);
    const found = await fetchRows(reader, shape, query, { bounds: keyset.bounds(shape), order: keyset.orderBy(shape) });
    return sliceOf(reader, shape, query, found);
  };
  const slice = query.selected?.rows === false ? NOTHING : await read(fetchSlice);
  const count = (): Promise<number> =>
    read(async (reader) => {
      const shape = rowShapeOf(reader, query.list.entity);
      const where = allOf(conditionsOf(query));
      const sql = `select count(*) as total from ${shape.table} where ${where.sql}`;
      const [counted] = await reader.execute<{ total: string }[]>(sql, [...where.params]);
      return Number(counted?.total ?? 0);
    });
  return new Connection(slice, { cursorOf: keyset.cursorOf, count });
}

/**
 * Fetches the same page of the list for each of several parents, in one statement: the rows whose `parent` property is
 * that parent's id, or which are related to the parent.
 *
 * @returns the connections in the order of `parentIds`
 */
export async function fetchConnectionsOf<Row extends object, OrderField extends string>(
  read: Read,
  cursors: Cursors,
  query: ListQuery<Row, OrderField>,
  parent: (keyof Row & string) | Relation,
  parentIds: readonly string[],
): Promise<Connection<Row>[]> {
  const keyset = keysetOf(query, cursors);
  const ids = arrayLiteral(parentIds);
  const type = typeof parent === 'string' ? 'uuid' : 'text';
  const fetchSlices = async (reader: Reader): Promise<Slice<Row>[]> => {
    const shape = pageShapeOf(reader, query);
    const where = allOf([...conditionsOf(query), ...keyset.bounds(shape)]);
    const found = await reader.execute<Found[]>(
      `select parent_id, page.* from unnest(?::${type}[]) as parent (parent_id) cross join lateral (
         select ${shape.selection} from ${shape.table}
         where ${belongs(shape, query.list, parent)} and ${where.sql} order by ${keyset.orderBy(shape)} limit ?) as page`,
      [ids, ...where.params, query.page.size + 1],
    );
    const pages = Map.groupBy(found, (row) => row['parent_id']);
    return parentIds.map((id) => sliceOf(reader, shape, query, pages.get(id) ?? []));
  };
  const slices = query.selected?.rows === false ? parentIds.map(() => NOTHING) : await read(fetchSlices);
  const counts = lazily(() =>
    read(async (reader) => {
      const shape = rowShapeOf(reader, query.list.entity);
      const where = allOf(conditionsOf(query));
      const counted = await reader.execute<{ parent_id: string; total: string }[]>(
        `select parent_id, count(*) as total from unnest(?::${type}[]) as parent (parent_id)
         join ${shape.table} on ${belongs(shape, query.list, parent)} where ${where.sql} group by parent_id`,
        [ids, ...where.params],
      );
      return new Map(counted.map((row) => [row.parent_id, Number(row.total)]));
    }),
  );
  return slices.map(
    (slice, index) =>
      new Connection(slice, {
        cursorOf: keyset.cursorOf,
        count: async () => (await counts()).get(parentIds[index] ?? '') ?? 0,
      }),
  );
}

/** SQL that holds for the rows of a parent. */
function belongs<Row extends object>(
  shape: RowShape<Row>,
  { key }: Pick<ListDefinition<Row, never>, 'key'>,
  parent: (keyof Row & string) | Relation,
): string {
  return typeof parent === 'string'
    ? `${shape.column(parent)} = parent_id`
    : relatedTo(shape.column(key), parent, 'parent_id');
}

type Found = Record<string, unknown>;

/** The page of a list of which only the total is selected. */
const NOTHING: Slice<never> = { rows: [], hasNextPage: false, hasPreviousPage: false };

/** The shapes of pages, by their selection and by what they are sorted by. */
const pageShapes = new WeakMap<SelectedColumns, Map<string, RowShape<unknown>>>();

/** Returns the shape of a page's rows: the selected columns, and those that cursors are made of. */
function pageShapeOf<Row extends object, OrderField extends string>(
  reader: Reader,
  { list, order, selected }: ListQuery<Row, OrderField>,
): RowShape<Row> {
  const complete = rowShapeOf(reader, list.entity);
  if (!selected || complete.isLinked) {
    return complete; // an entity of which a part was read would stand for the row in later reads
  }
  const known = pageShapes.get(selected) ?? new Map<string, RowShape<unknown>>();
  const shape = known.get(order.field) ?? narrowShapeOf(reader, list, order, selected);
  pageShapes.set(selected, known.set(order.field, shape));
  return shape as RowShape<Row>;
}

function narrowShapeOf<Row extends object, OrderField extends string>(
  reader: Reader,
  { entity, computed = {}, key, orders }: ListDefinition<Row, OrderField>,
  { field }: Order<OrderField>,
  selected: SelectedColumns,
): RowShape<Row> {
  const read = [...selected.computed].map((name) => (Object.hasOwn(computed, name) ? computed[name] : undefined));
  return read.includes(undefined)
    ? rowShapeOf(reader, entity)
    : narrowRowShape(
        reader,
        entity,
        new Set([key, orders[field], ...selected.properties, ...read.flatMap((of) => of ?? [])]),
      );
}

function conditionsOf({ conditions, search }: Wanted): Condition[] {
  return search ? [...conditions, search] : [...conditions];
}

/** The number of rows that are scanned, in the order of the list, before a search uses the index. */
const LOOKED_AT = 1_000;

/**
 * Fetches the rows of a page, and one more if there is one.
 *
 * A text that many rows contain is found fastest by scanning them in their order; one that few of a million contain, by
 * the index, sorted afterwards. The database cannot tell which it is: behind a policy it must not use its statistics
 * (PostgreSQL 15, "Planner Statistics and Security"), and would read the complete table for a rare word of five letters.
 */
async function fetchRows(
  reader: Reader,
  { table, selection }: Pick<RowShape<unknown>, 'table' | 'selection'>,
  { page, conditions, search }: Pick<ListQuery<never, never>, 'page' | keyof Wanted>,
  { bounds, order }: { readonly bounds: readonly Condition[]; readonly order: string },
): Promise<Found[]> {
  const where = allOf([...conditions, ...bounds]);
  const ordered = `order by ${order} limit ?`;
  const limit = page.size + 1;
  if (!search) {
    const sql = `select ${selection} from ${table} where ${where.sql} ${ordered}`;
    return reader.execute<Found[]>(sql, [...where.params, limit]);
  }
  if (!search.isRare) {
    const first = `select * from ${table} where ${where.sql} ${ordered}`;
    const found = await reader.execute<Found[]>(
      `select ${selection} from (${first}) as ${table} where ${search.sql} ${ordered}`,
      [...where.params, LOOKED_AT, ...search.params, limit],
    );
    if (found.length === limit) {
      return found;
    }
  }
  // The subquery with "offset 0" is planned separately, as if all of its rows were needed, in no order.
  const all = `select * from ${table} where ${where.sql} and ${search.sql} offset 0`;
  return reader.execute<Found[]>(`select ${selection} from (${all}) as ${table} ${ordered}`, [
    ...where.params,
    ...search.params,
    limit,
  ]);
}

interface Keyset<Row> {
  readonly bounds: (shape: RowShape<Row>) => Condition[];
  readonly orderBy: (shape: RowShape<Row>) => string;
  readonly cursorOf: (row: Row) => string;
}

/** Sort key and tie-breaker run in one direction, so that one row comparison, which an index serves, bounds a page. */
function keysetOf<Row extends object, OrderField extends string>(
  { list, order, page }: ListQuery<Row, OrderField>,
  cursors: Cursors,
): Keyset<Row> {
  const properties = [...new Set([list.orders[order.field], list.key])];
  const name = `${list.name}:${order.field}:${order.direction}`;
  const position = (cursor: string | null, argument: string): readonly string[] | null =>
    cursor === null ? null : cursors.decode(cursor, name, argument);
  const after = position(page.after, 'after');
  const before = position(page.before, 'before');
  const [later, earlier] = order.direction === 'ASC' ? ['>', '<'] : ['<', '>'];
  const descending = (order.direction === 'DESC') !== page.fromEnd;

  return {
    bounds: (shape) => {
      const columns = properties.map((property) => shape.column(property)).join(', ');
      const bound = (operator: string, values: readonly string[] | null): Condition[] =>
        values === null
          ? []
          : [{ sql: `(${columns}) ${operator} (${values.map(() => '?').join(', ')})`, params: values }];
      return [...bound(later, after), ...bound(earlier, before)];
    },
    orderBy: (shape) =>
      properties.map((property) => `${shape.column(property)}${descending ? ' desc' : ''}`).join(', '),
    cursorOf: (row) => cursors.encode({ order: name, values: properties.map((property) => textOf(row[property])) }),
  };
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function sliceOf<Row extends object>(
  reader: Reader,
  shape: RowShape<Row>,
  { list, page }: Pick<ListQuery<Row, never>, 'list' | 'page'>,
  found: readonly Found[],
): Slice<Row> {
  const rows = rowsOf(reader, list.entity, shape, found.slice(0, page.size));
  const more = found.length > page.size;
  return page.fromEnd
    ? { rows: rows.toReversed(), hasPreviousPage: more, hasNextPage: page.before !== null }
    : { rows, hasNextPage: more, hasPreviousPage: page.after !== null };
}

function lazily<T>(compute: () => Promise<T>): () => Promise<T> {
  let computed: Promise<T> | null = null;
  return () => (computed ??= compute());
}
