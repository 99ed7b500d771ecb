import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { entities } from '../database/entities/index.ts';
import { migrationsList } from '../database/migrations/index.ts';
import type { EntityManager } from '../database/orm.ts';

// The format of the files of `npm run data`: a line about the release, a line for each row, and a line with their number.

/** The number of rows that one statement reads or inserts. */
const BATCH = 1_000;

/** The tables, each after those that it refers to. */
export const TABLES: readonly string[] = entities.map(({ meta }) => meta.tableName);

/** The first line of a file. */
interface Head {
  readonly rolegate: 1;
  /** The last migration of the database that was exported. */
  readonly migration: string;
}

/** Returns the first line of a file that this release writes. */
export function headOfFile(): string {
  return JSON.stringify({ rolegate: 1, migration: migrationsList.at(-1)?.name ?? '' } satisfies Head);
}

/** The data cannot be exported or imported. Nothing was written to the database. */
export class DataRefused extends Error {}

const DAMAGED = 'The file is damaged, or comes from another release. Nothing was written.';

/** Returns true for an error of PostgreSQL about values: class 22, data, or 23, constraints. */
function isOfValues(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}

/** Inserts the rows of a file. Returns their checksums by table. */
export async function insertAll(
  em: EntityManager,
  source: FileHandle,
  progress: (step: string) => void,
): Promise<ReadonlyMap<string, Checksum>> {
  const sums = new Map<string, Checksum>(TABLES.map((table) => [table, new Checksum()]));
  let [table, batch, count, end]: [string, string[], number, number | null] = ['', [], 0, null];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) {
      const columns = (await columnsOf(em, table)).join(', ');
      const insert = em.execute(
        `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, ?::json)`,
        [`[${batch.join(',')}]`],
      );
      await insert.catch((error: unknown) => {
        throw isOfValues(error) ? new DataRefused(DAMAGED, { cause: error }) : error;
      });
    }
    batch = [];
  };
  let head: Head | null = null;
  for await (const line of source.readLines({ autoClose: false })) {
    if (head === null) {
      head = readHead(line);
      continue;
    }
    const at = line.indexOf(' ');
    const [name, row] = [line.slice(0, at), line.slice(at + 1)];
    if (name === 'end') {
      end = Number(row);
      continue;
    }
    const sum = sums.get(name);
    if (sum === undefined || end !== null) {
      throw new DataRefused(DAMAGED);
    }
    if (name !== table || batch.length === BATCH) {
      await flush();
    }
    if (name !== table) {
      progress(name);
      table = name;
    }
    batch.push(row);
    sum.add(row);
    count += 1;
  }
  await flush();
  if (end !== count) {
    throw new DataRefused('The file is truncated: its last line is missing. Nothing was written.');
  }
  return sums;
}

/** @throws {DataRefused} if the file was not exported by the same release of the tables */
function readHead(line: string): Head {
  const wanted = migrationsList.at(-1)?.name;
  try {
    const head = JSON.parse(line) as Head;
    if (head.rolegate === 1 && head.migration === wanted) {
      return head;
    }
  } catch {
    // Refused below.
  }
  throw new DataRefused(
    `The file was not written by "npm run data -- export" at the migration ${wanted}: export it again with this release. ` +
      'Nothing was written.',
  );
}

/** Returns the columns of a table that are stored as they are given. */
async function columnsOf(em: EntityManager, table: string): Promise<string[]> {
  const rows = await em.execute<{ name: string }[]>(
    `select quote_ident(attname) as name from pg_attribute where attrelid = ?::regclass and attnum > 0
     and not attisdropped and attgenerated = '' order by attnum`,
    [`public.${table}`],
  );
  return rows.map(({ name }) => name);
}

/** Calls a function with each row of a table, as PostgreSQL writes it in JSON, in one snapshot of the table. */
export async function eachRow(em: EntityManager, table: string, use: (row: string) => unknown): Promise<void> {
  const columns = (await columnsOf(em, table)).join(', ');
  await em.execute(`set local timezone = 'UTC'`);
  await em.execute(
    `declare exported no scroll cursor for select row_to_json(r)::text as row from (select ${columns} from ${table}) r`,
  );
  for (;;) {
    const rows = await em.execute<{ row: string }[]>(`fetch ${BATCH} from exported`);
    for (const { row } of rows) {
      await use(row);
    }
    if (rows.length < BATCH) {
      break;
    }
  }
  await em.execute('close exported');
}

/** A sum over rows that does not depend on their order: of the SHA-256 of each. */
export class Checksum {
  rows = 0;
  #sum = 0n;

  add(row: string): void {
    this.rows += 1;
    this.#sum += BigInt(`0x${createHash('sha256').update(row).digest('hex')}`);
  }

  equals(other: Checksum): boolean {
    return this.rows === other.rows && this.#sum === other.#sum;
  }
}
