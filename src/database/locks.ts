import type { Tables } from './entities/index.ts';
import type { EntityManager } from './orm.ts';

/** Locks tables against writes of other transactions, until this one ends. */
export async function lockForWriting(em: EntityManager, tables: readonly (keyof Tables)[]): Promise<void> {
  await em.execute(`lock table ${tables.join(', ')} in share row exclusive mode`);
}
