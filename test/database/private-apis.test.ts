import { readFileSync } from 'node:fs';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { MikroORM, SqlEntityManager } from '@mikro-orm/sql';
import {
  CompiledQuery,
  type Dialect,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import { Client, type Pool, Query } from 'pg';
import { describe, expect, it } from 'vitest';
import { sharedOptions } from '../../src/database/orm.ts';
import { ReadingEntityManager } from '../../src/database/reading-entity-manager.ts';
import { RowsQuery } from '../../src/database/rows-query.ts';

/** Returns the version of an installed package. */
function versionOf(name: string): string {
  const text = readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** The releases whose undocumented parts `src/database` builds on, as the tests below describe them. */
const READ = { '@mikro-orm/core': '7.2.1', '@mikro-orm/sql': '7.2.1', kysely: '0.29.6', pg: '8.23.0' };

describe('the releases of the database libraries', () => {
  it.each(Object.entries(READ))('%s is installed as release %s', (name, version) => {
    expect(
      versionOf(name),
      `src/database uses undocumented parts of ${name}, which were read in ${version}. Run this file and the other tests of ` +
        `test/database on both engines, read the changes of the parts that it names, then change the version here`,
    ).toBe(version);
  });
});

/** Returns the names of an object's methods, inherited ones included. */
function methodsOf(prototype: object): string[] {
  const names = new Set<string>();
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    Object.entries(Object.getOwnPropertyDescriptors(at)).forEach(
      ([name, { value }]) => typeof value === 'function' && name !== 'constructor' && names.add(name),
    );
  }
  return [...names].toSorted();
}

/** The methods that read, or that only touch the entity manager itself: the reading one leaves them as they are. */
const HARMLESS = `addFilter applyDiscriminatorCondition applyFilters assign autoJoinRefsForFilters buildFields cacheKey
  canPopulate checkLockRequirements clear clearCache count countBy create createPopulateWhere createQueryBuilder execute
  find findAll findAndCount findByCursor findOne findOneOrFail forceSelectInForLimitedPopulate fork getAbortOptions
  getComparator getConnection getContext getDataLoader getDriver getEntityFactory getEntityLoader getEventManager
  getFilterParams getHydrator getJoinedFilters getKysely getLoggerContext getMetadata getPlatform getPopulateWhere
  getReference getRepository getSessionContext getTransactionContext getTransactionSessionContext getUnitOfWork
  isInTransaction lockAndPopulate map merge mergeSessionContext populate prepareOptions preparePopulate
  processUnionWhere processWhere qb refresh refreshOrFail repo setFilterParams setFlushMode setLoggerContext
  setTransactionContext shouldRefresh storeCache stream tryCache tryFlush validateIndexUsage
  validateSessionContextStaging validateWhereKeysForIndex withSessionContext`.split(/\s+/);

/** The methods that {@link ReadingEntityManager} replaces, other than those that it only redirects. */
const REFUSED = Object.getOwnPropertyNames(ReadingEntityManager.prototype).filter(
  (name) => !['constructor', 'execute', 'fork'].includes(name),
);

const dialect: Dialect = {
  createDriver: () => new DummyDriver(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (kysely) => new PostgresIntrospector(kysely),
};

/** Returns an ORM that never connects. */
function unconnected(): MikroORM<PostgreSqlDriver> {
  return new MikroORM({ ...sharedOptions({}), driver: PostgreSqlDriver, dbName: 'none' });
}

const onCreateConnection = (): Promise<void> => Promise.resolve();

describe('MikroORM', () => {
  it('every method of MikroORM is refused to readers or known as harmless', () => {
    expect(
      methodsOf(SqlEntityManager.prototype).filter((name) => !HARMLESS.includes(name)),
      'Does a new method write, or leave the transaction of the operation? Then refuse it in ReadingEntityManager',
    ).toEqual(REFUSED.toSorted());
    expect(REFUSED).toEqual(expect.arrayContaining(['flush', 'insert', 'nativeUpdate', 'transactional', 'upsert']));
  });

  it('MikroORM constructs an entity manager of configuration, driver, metadata, useContext and event manager', () => {
    const { em, config } = unconnected();
    const made = new SqlEntityManager(config, em.getDriver(), em.getMetadata(), false, em.getEventManager());
    expect(made.config).toBe(config);
    expect(made.getDriver()).toBe(em.getDriver());
    expect(made.getMetadata()).toBe(em.getMetadata());
    expect(made.getEventManager()).toBe(em.getEventManager());
    expect(made.getContext()).toBe(made);
  });

  it('MikroORM takes a session context through the prototype, and a Kysely as transaction, which forks keep', () => {
    const { em } = unconnected();
    const fork = em.fork();
    SqlEntityManager.prototype.setSessionContext.call(fork, { variables: { role: 'x' } });
    expect(fork.getSessionContext()).toMatchObject({ variables: { role: 'x' } });
    const kysely = new Kysely<unknown>({ dialect });
    fork.setTransactionContext(kysely);
    expect(fork.getTransactionContext()).toBe(kysely);
    expect(fork.fork({ keepTransactionContext: true }).getTransactionContext()).toBe(kysely);
    expect(fork.fork().getTransactionContext()).toBeUndefined();
  });
});

describe('MikroORM on PostgreSQL', () => {
  it('MikroORM hands over its pool, and each connection that the pool makes', async () => {
    const pools: Pool[] = [];
    const { em } = new MikroORM({
      ...sharedOptions({}),
      driver: PostgreSqlDriver,
      clientUrl: 'postgresql://login:secret@127.0.0.1:1/none',
      ensureDatabase: false,
      driverOptions: { onPoolCreated: (pool: Pool) => void pools.push(pool), query_timeout: 1_234, pipeline: true },
      onCreateConnection,
    });
    const connection = em.getDriver().getConnection();
    await connection.connect();
    expect(em.config.get('onCreateConnection')).toBe(onCreateConnection);
    expect(pools.map(({ options }) => options)).toMatchObject([{ query_timeout: 1_234, pipeline: true }]);
    // The reading pool copies the options, and would lose a password that it did not name.
    expect(pools[0]?.options.password).toBe('secret');
    expect(Object.keys(pools[0]?.options ?? {})).not.toContain('password');
    await connection.close();
  });
});

describe('Kysely', () => {
  it('Kysely writes values with "appendValue", which our compiler replaces', () => {
    class Marking extends PostgresQueryCompiler {
      protected override appendValue(value: unknown): void {
        this.append(`<${String(value)}>`);
      }
    }
    const kysely = new Kysely<unknown>({ dialect: { ...dialect, createQueryCompiler: () => new Marking() } });
    const { sql: text, parameters } = kysely.selectNoFrom(sql`${'a'}::text || ${'b'}`.as('both')).compile();
    expect(text).toBe('select <a>::text || <b> as "both"');
    expect(parameters).toEqual([]);
  });

  it('Kysely marks raw text and a compiled tree by the kind of the root', () => {
    const kysely = new Kysely<{ users: { id: string } }>({ dialect });
    expect(CompiledQuery.raw('select 1').query.kind).toBe('RawNode');
    expect(kysely.selectFrom('users').select('id').compile().query.kind).toBe('SelectQueryNode');
  });
});

describe('pg', () => {
  /** The callbacks of a query, which its client calls as messages arrive. */
  const HANDLERS = Object.getOwnPropertyNames(Query.prototype).filter((name) => name.startsWith('handle'));

  it('pg calls only those handlers of a submitted query that ours has, and those for messages it never causes', () => {
    expect(HANDLERS.filter((name) => !(name in RowsQuery.prototype))).toEqual([
      'handlePortalSuspended',
      'handleCopyInResponse',
      'handleCopyData',
    ]);
    expect(RowsQuery.prototype).toHaveProperty('submit');
  });

  it('pg keeps the connection of a client, and the end of its stream fails what waits for it', () => {
    const client = new Client({ host: '127.0.0.1', port: 1 });
    expect(client.connection.stream).toHaveProperty('destroy', expect.any(Function));
    expect(client).toHaveProperty('pipeline', false);
    expect(new Client({ pipeline: true })).toHaveProperty('pipeline', true);
  });
});
