import type { EntityName } from '@mikro-orm/core';
import type { EntityManager } from '../database/orm.ts';

/** How a table's rows become plain objects with an entity's properties. */
export interface RowShape<Row> {
  readonly table: string;
  /** The select list: each column under its property's name. */
  readonly selection: string;
  column(property: keyof Row & string): string;
  toRow(found: Readonly<Record<string, unknown>>): Row;
}

/** The shape that an entity's metadata describes. Lazy properties are left out: whoever wants them asks for them. */
export function rowShapeOf<Row extends object>(em: EntityManager, entity: EntityName<Row>): RowShape<Row> {
  const meta = em.getMetadata().get(entity);
  const properties = meta.props.filter(({ fieldNames, lazy }) => fieldNames?.length === 1 && lazy !== true);
  const columns = new Map(properties.map(({ name, fieldNames }): [string, string] => [name, fieldNames[0] ?? name]));
  const dates = properties.filter(({ runtimeType }) => runtimeType === 'Date').map(({ name }): string => name);
  const column = (property: string): string => {
    const found = columns.get(property);
    if (found === undefined) {
      throw new TypeError(`${meta.className} has no column for "${property}"`);
    }
    return found;
  };
  return {
    table: meta.tableName,
    selection: [...columns].map(([property, name]) => `${name} as "${property}"`).join(', '),
    column,
    toRow: (found) => {
      const row = Object.fromEntries([...columns.keys()].map((property) => [property, found[property]]));
      for (const property of dates) {
        row[property] = instantOf(row[property]);
      }
      return row as Row;
    },
  };
}

/** Both drivers hand timestamps over as PostgreSQL's text (`2026-01-31 12:00:00.123+00`). */
function instantOf(value: unknown): unknown {
  return typeof value === 'string' ? new Date(`${value.replace(' ', 'T')}:00`) : value;
}
