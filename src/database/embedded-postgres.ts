import { PGlite, type PGliteOptions, types } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { createPostgreSqlTypeParsers } from '@mikro-orm/sql';

/** PostgreSQL's types of arrays by the type of their elements, which have the same numbers in every database. */
const ARRAY_TYPES = new Map([
  [types.BOOL, 1000],
  [types.INT2, 1005],
  [types.INT4, 1007],
  [types.INT8, 1016],
  [types.FLOAT4, 1021],
  [types.FLOAT8, 1022],
  [types.NUMERIC, 1231],
  [types.TEXT, 1009],
  [types.VARCHAR, 1015],
  [types.UUID, 2951],
  [types.DATE, 1182],
  [types.TIMESTAMP, 1115],
  [types.TIMESTAMPTZ, 1185],
  [types.JSON, 199],
  [types.JSONB, 3807],
]);

/**
 * PGlite's own 128 MB of buffers, and locks for a hundred connections, are set to zero at each start, which takes half
 * of it. There is one connection, and what is not in the buffers is in the operating system's cache.
 */
const SMALL_MEMORY = ['-c', 'shared_buffers=8MB', '-c', 'max_connections=10'];

/**
 * The embedded database as this server uses it. PGlite asks each database for its types of arrays when it opens: the
 * longest statement of a start. Arrays of types that a migration makes arrive as text, as they do from a server.
 */
export class EmbeddedPostgres extends PGlite {
  /** @param options - where the database is, and what it begins as */
  constructor(options: Pick<PGliteOptions, 'dataDir' | 'loadDataDir' | 'pgliteWasmModule'>) {
    super({
      ...options,
      extensions: { pg_trgm },
      startParams: [...PGlite.defaultStartParams, ...SMALL_MEMORY],
      parsers: createPostgreSqlTypeParsers((text) => types.arrayParser(text, String, types.TEXT) as string[]),
    });
  }

  override _initArrayTypes(): Promise<void> {
    for (const [element, array] of ARRAY_TYPES) {
      const parse = this.parsers[element] ?? String;
      const serialize = this.serializers[element];
      this.parsers[array] = (text): unknown => types.arrayParser(text, parse, array);
      this.serializers[array] = (values: unknown) => types.arraySerializer(values, serialize, array);
    }
    return Promise.resolve();
  }
}
