import type { EntityMetadata, EntityName, EntityProperty } from '@mikro-orm/core';
import { instantOf } from './instant.ts';
import type { Reader } from './reading.ts';

/** How a table's rows become plain objects with an entity's properties. */
export interface RowShape<Row> {
  readonly table: string;
  /** The select list: each column under its property's name. */
  readonly selection: string;
  column(property: keyof Row & string): string;
  /** Gives what the selection yields for a row the types that the entity has. The object stays the same. */
  toRow(found: Record<string, unknown>): Row;
}

/** Which properties of an entity rows are to have: those that are not lazy, unless told otherwise. */
export interface Chosen<Row> {
  /** Those of the lazy ones that are wanted as well. */
  readonly lazy?: readonly (keyof Row & string)[];
  /** The only ones that are wanted. */
  readonly only?: readonly string[] | null;
}

/** The shapes of an entity, by what was chosen. */
const shapes = new WeakMap<EntityMetadata, Map<string, RowShape<unknown>>>();

/** The shape that an entity's metadata describes. */
export function rowShapeOf<Row extends object>(
  reader: Pick<Reader, 'getMetadata'>,
  entity: EntityName<Row>,
  { lazy = [], only = null }: Chosen<Row> = {},
): RowShape<Row> {
  const meta = reader.getMetadata().get(entity);
  const known = shapes.get(meta) ?? new Map<string, RowShape<unknown>>();
  const key = only === null ? `and ${lazy.join()}` : only.toSorted().join();
  const shape =
    known.get(key) ??
    createShape(meta, ({ name, lazy: isLazy }) =>
      only === null ? isLazy !== true || lazy.some((wanted) => wanted === name) : only.includes(name),
    );
  shapes.set(meta, known.set(key, shape));
  return shape as RowShape<Row>;
}

function createShape(meta: EntityMetadata, isChosen: (property: EntityProperty) => boolean): RowShape<unknown> {
  const properties = meta.props.filter(({ fieldNames }) => fieldNames?.length === 1);
  const columns = new Map(properties.map(({ name, fieldNames }): [string, string] => [name, fieldNames[0] ?? name]));
  const chosen = properties.filter(isChosen);
  const dates = chosen.filter(({ runtimeType }) => runtimeType === 'Date').map(({ name }): string => name);
  return {
    table: meta.tableName,
    selection: chosen.map(({ name }) => `${columns.get(name)} as "${name}"`).join(', '),
    column: (property: string) => {
      const found = columns.get(property);
      if (found === undefined) {
        throw new TypeError(`${meta.className} has no column for "${property}"`);
      }
      return found;
    },
    toRow: (found) => {
      for (const property of dates) {
        const value = found[property];
        // Both drivers hand timestamps over as PostgreSQL's text.
        found[property] = typeof value === 'string' ? instantOf(value) : value;
      }
      return found;
    },
  };
}

/** The properties of these that an entity has, without those that are lazy. */
export function propertiesAmong<Row extends object>(
  reader: Pick<Reader, 'getMetadata'>,
  entity: EntityName<Row>,
  names: Iterable<string>,
): string[] {
  const { properties } = reader.getMetadata().get(entity);
  return [...names].filter((name) => {
    const property = Object.hasOwn(properties, name) ? properties[name as keyof typeof properties] : undefined;
    return property !== undefined && property.lazy !== true;
  });
}

/** The rows whose property has one of the values, in no particular order: in one statement, without entities. */
export async function selectRows<Row extends object>(
  reader: Reader,
  entity: EntityName<Row>,
  property: keyof Row & string,
  values: readonly string[],
  lazy: readonly (keyof Row & string)[] = [],
): Promise<Row[]> {
  const shape = rowShapeOf(reader, entity, { lazy });
  const places = values.map(() => '?').join(', ');
  const sql = `select ${shape.selection} from ${shape.table} where ${shape.column(property)} in (${places})`;
  return (await reader.execute(sql, [...values])).map((found) => shape.toRow(found));
}

/** The row whose property has the value; null if there is none. For properties that are unique. */
export async function selectRow<Row extends object>(
  reader: Reader,
  entity: EntityName<Row>,
  property: keyof Row & string,
  value: string,
  lazy: readonly (keyof Row & string)[] = [],
): Promise<Row | null> {
  const [row] = await selectRows(reader, entity, property, [value], lazy);
  return row ?? null;
}
