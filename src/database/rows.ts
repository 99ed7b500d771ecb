import {
  type EntityMetadata,
  type EntityName,
  type EntityProperty,
  JsonType,
  type Platform,
  ReferenceKind,
  UuidType,
} from '@mikro-orm/core';
import { isRecord } from '../access/values.ts';
import type { Reader } from './reading-entity-manager.ts';
import { WITH_NEXT } from './writing.ts';

/** The mapping from a table's rows to plain objects with an entity's properties. */
export interface RowShape<Row> {
  readonly table: string;
  /** The select list: each column under its property's name. */
  readonly selection: string;
  column(property: keyof Row & string): string;
  /** True for an entity with relations or embedded objects, which plain objects cannot load or hold. */
  readonly isLinked: boolean;
  /** Gives what the selection yields for a row the types that the entity has. The object stays the same. */
  toRow(found: Record<string, unknown>): Row;
}

/** The shapes of an entity, by the lazy properties that they include. */
const shapes = new WeakMap<EntityMetadata, Map<string, RowShape<unknown>>>();

/** Returns the shape that an entity's metadata describes, with the given ones of its lazy properties. */
export function rowShapeOf<Row extends object>(
  reader: Pick<Reader, 'getMetadata'>,
  entity: EntityName<Row>,
  lazy: readonly (keyof Row & string)[] = [],
): RowShape<Row> {
  const meta = reader.getMetadata().get(entity);
  const known = shapes.get(meta) ?? new Map<string, RowShape<unknown>>();
  const shape =
    known.get(lazy.join()) ??
    createShape(meta, (property) => property.lazy !== true || lazy.some((name) => name === property.name));
  shapes.set(meta, known.set(lazy.join(), shape));
  return shape as RowShape<Row>;
}

/** A shape with nothing but these of the entity's properties that are not lazy. */
export function narrowRowShape<Row extends object>(
  reader: Pick<Reader, 'getMetadata'>,
  entity: EntityName<Row>,
  names: ReadonlySet<string>,
): RowShape<Row> {
  const meta = reader.getMetadata().get(entity);
  return createShape(meta, ({ name, lazy }) => lazy !== true && names.has(name)) as RowShape<Row>;
}

/**
 * Returns what a selection yields as rows: plain objects, or, of an entity with relations, entities. Their references and
 * collections can be loaded and populated.
 */
export function rowsOf<Row extends object>(
  reader: Pick<Reader, 'map'>,
  entity: EntityName<Row>,
  shape: RowShape<Row>,
  found: readonly Record<string, unknown>[],
): Row[] {
  const rows = found.map((one) => shape.toRow(one));
  return shape.isLinked ? rows.map((row) => reader.map(entity, row as never, { mapped: true })) : rows;
}

/** Reports if a property has a column of its own. The names of fields are given to collections and formulas as well. */
function isColumn({ kind, owner, fieldNames, formula, persist }: EntityProperty): boolean {
  const isOwn = kind === ReferenceKind.SCALAR || kind === ReferenceKind.MANY_TO_ONE || owner;
  return isOwn && kind !== ReferenceKind.MANY_TO_MANY && !formula && persist !== false && fieldNames?.length === 1;
}

/** Reports if a property is more than its column. A foreign key of several columns is not: each of them is a property. */
function isLink({ kind, mapToPk, fieldNames }: EntityProperty): boolean {
  return kind !== ReferenceKind.SCALAR && mapToPk !== true && (fieldNames?.length ?? 0) < 2;
}

function createShape(meta: EntityMetadata, isChosen: (property: EntityProperty) => boolean): RowShape<unknown> {
  const properties = meta.props.filter(isColumn);
  const columns = new Map(properties.map(({ name, fieldNames }): [string, string] => [name, fieldNames[0] ?? name]));
  const chosen = properties.filter(isChosen);
  const isLinked = meta.props.some(isLink);
  // MikroORM converts the values of entities itself; those of ids and of JSON have their form already.
  const converted = isLinked ? [] : chosen.filter(({ customType }) => isConverting(customType));
  const dates = chosen.filter(({ runtimeType }) => runtimeType === 'Date').map(({ name }): string => name);
  return {
    table: meta.tableName,
    isLinked,
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
      for (const { name, customType } of converted) {
        const value = found[name] ?? null;
        found[name] = value === null ? null : customType?.convertToJSValue(value, customType.platform as Platform);
      }
      return found;
    },
  };
}

function isConverting(type: EntityProperty['customType']): boolean {
  return type !== undefined && !(type instanceof UuidType || type instanceof JsonType);
}

/** A condition as SQL, with `?` for its parameters. */
interface SqlCondition {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** The rows whose property has one of the values, in no particular order: in one statement, as {@link rowsOf} returns them. */
export async function selectRows<Row extends object>(
  reader: Reader,
  entity: EntityName<Row>,
  property: keyof Row & string,
  values: readonly string[],
  lazy: readonly (keyof Row & string)[] = [],
  { sql: and, params }: SqlCondition = { sql: '', params: [] },
): Promise<Row[]> {
  const shape = rowShapeOf(reader, entity, lazy);
  const places = values.map(() => '?').join(', ');
  const where = `${shape.column(property)} in (${places})${and === '' ? '' : ` and ${and}`}`;
  const sql = `select ${shape.selection} from ${shape.table} where ${where}`;
  return rowsOf(reader, entity, shape, await reader.execute(sql, [...values, ...params]));
}

/**
 * The row whose property has the value; null if there is none. For properties that are unique.
 *
 * @param and a condition that it must satisfy as well
 */
export async function selectRow<Row extends object>(
  reader: Reader,
  entity: EntityName<Row>,
  property: keyof Row & string,
  value: string,
  lazy: readonly (keyof Row & string)[] = [],
  and?: SqlCondition,
): Promise<Row | null> {
  const [row] = await selectRows(reader, entity, property, [value], lazy, and);
  return row ?? null;
}

/** The part of an entity manager that {@link lockRow} and {@link updateRow} use. */
type Writer = Pick<Reader, 'execute' | 'getMetadata'>;

/** Returns the row whose property has the value, locked until the transaction ends; null if there is none. */
export async function lockRow<Row extends object>(
  em: Writer,
  entity: EntityName<Row>,
  property: keyof Row & string,
  value: string,
): Promise<Row | null> {
  const shape = rowShapeOf(em, entity);
  const sql = `select ${shape.selection} from ${shape.table} where ${shape.column(property)} = ? for update`;
  const [row] = await em.execute<Record<string, unknown>[]>(sql, [value]);
  return row === undefined ? null : shape.toRow(row);
}

/**
 * Changes a row that is locked, and its version, in one statement. Returns the row as it is then. On a server the
 * statement is sent with the next one, and a constraint that it violates fails that one.
 *
 * @param changes values as columns hold them; an object is stored as JSON
 */
export async function updateRow<Row extends { readonly version: number }>(
  em: Writer,
  entity: EntityName<Row>,
  key: keyof Row & string,
  row: Row,
  changes: Readonly<Partial<Row>>,
): Promise<Row> {
  const shape = rowShapeOf(em, entity);
  const entries = Object.entries(changes) as [keyof Row & string, unknown][];
  const set = entries.map(([property]) => `${shape.column(property)} = ?`).join(', ');
  const values = entries.map(([, value]) => (isJson(value) ? JSON.stringify(value) : value));
  await em.execute(
    `update ${shape.table} set ${set}, version = version + 1 where ${shape.column(key)} = ? ${WITH_NEXT}`,
    [...values, row[key]],
    'run',
  );
  return { ...row, ...changes, version: row.version + 1 };
}

/** Tells whether a property is stored as JSON: the others of a row are dates and primitive values. */
function isJson(value: unknown): boolean {
  return isRecord(value) && !(value instanceof Date);
}

/** `2026-01-31 12:00:00.123+00`: how PostgreSQL writes timestamps in UTC, without zeros at the end of the fraction. */
const [WITHOUT_FRACTION, WITH_MILLISECONDS] = [22, 26];

/** A timestamp as the database wrote it, which need not be written again to be sent on. Not to be changed. */
class Instant extends Date {
  readonly #written: string;

  constructor(written: string) {
    super(millisecondsOf(written));
    this.#written = written;
  }

  override toISOString(): string {
    const written = this.#written;
    if (written.length === WITH_MILLISECONDS) {
      return `${written.slice(0, 10)}T${written.slice(11, 23)}Z`;
    }
    return `${written.slice(0, 10)}T${written.slice(11, 19)}.${written.slice(20, -3).padEnd(3, '0')}Z`;
  }
}

/** Reads a timestamp in the form that PostgreSQL writes (ISO 8601 but for its blank, with the hours of its zone). */
export function instantOf(written: string): Date {
  return isUsual(written) ? new Instant(written) : anyInstant(written);
}

/** In whatever zone the session has: `+05:30`, and for years long ago `+05:53:28`, which JavaScript does not read. */
const ZONED = /^(?<local>.*)(?<sign>[+-])(?<hours>\d\d)(?::(?<minutes>\d\d))?(?::(?<seconds>\d\d))?$/;

function anyInstant(written: string): Date {
  const { local = '', sign, hours, minutes = 0, seconds = 0 } = ZONED.exec(written)?.groups ?? {};
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const utc = Date.parse(`${local.replace(' ', 'T')}Z`);
  return new Date(utc - (sign === '-' ? -1_000 : 1_000) * offset);
}

/** In UTC, of a year with four digits, with milliseconds at most: what the short ways here are good for. */
function isUsual(written: string): boolean {
  const { length } = written;
  return length >= WITHOUT_FRACTION && length <= WITH_MILLISECONDS && written[0] !== '0' && written.endsWith('+00');
}

function millisecondsOf(written: string): number {
  return Date.UTC(
    twoDigits(written, 0) * 100 + twoDigits(written, 2),
    twoDigits(written, 5) - 1,
    twoDigits(written, 8),
    twoDigits(written, 11),
    twoDigits(written, 14),
    twoDigits(written, 17),
    fractionOf(written),
  );
}

function fractionOf(written: string): number {
  let milliseconds = 0;
  for (let at = 20, weight = 100; at < written.length - 3; at++, weight /= 10) {
    milliseconds += digit(written, at) * weight;
  }
  return milliseconds;
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

const ZERO = '0'.charCodeAt(0);

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - ZERO;
}
