import { isDeepStrictEqual } from 'node:util';
import { verdictsOn } from '../../src/access/index.ts';
import type { Viewer } from '../../src/lib/viewer.ts';
import { type RowScope, SYSTEM_ROLE } from '../../src/database/scopes.ts';
import type { TestApp } from '../support/app.ts';
import { type Gate, type Reach, REACHES } from './gates.ts';

/** What the doors of the API let a viewer reach of the rows behind a gate, as if every row were there for them. */
export function reachByDoors({ policy }: TestApp, viewer: Viewer, { doors }: Gate): Reach {
  const opens = (reach: Reach): boolean => {
    const door = reach === 'none' ? [] : doors[reach];
    if (typeof door === 'function' || door === undefined) {
      return door?.(viewer) ?? false;
    }
    const wanted = reach === 'own' ? ['allowed', 'own'] : ['allowed'];
    if (reach === 'account' && viewer.accountId === null) {
      return false;
    }
    return verdictsOn(policy, viewer, door).every(({ verdict }) => verdict !== null && wanted.includes(verdict));
  };
  return REACHES.findLast(opens) ?? 'none';
}

/** Undoes what a probe did. */
class Undo extends Error {}

async function touchedBy({ database }: TestApp, scope: RowScope, sql: string, key?: string): Promise<string[]> {
  let keys: string[] = [];
  const probe = database.run(scope, async (em) => {
    const rows = await em.execute<{ key: string | null }[]>(sql, key === undefined ? [] : [key]);
    keys = key === undefined ? rows.map(({ key }) => key ?? '') : [key];
    throw new Undo();
  });
  await probe.catch((error: unknown) => {
    if (!(error instanceof Undo) && !/permission denied|row-level security/.test(String(error))) {
      throw error;
    }
  });
  return keys;
}

/**
 * What the wall lets a row scope reach behind a gate, whatever the doors say: tried out, and undone. Several reaches
 * where these are the same rows; none where the rows are those of no reach.
 */
export async function reachByWall(app: TestApp, scope: RowScope, { rows, statement }: Gate): Promise<readonly Reach[]> {
  const all = await app.database.run({ ...scope, role: SYSTEM_ROLE }, (em) =>
    em.execute<{ key: string; whose: Reach }[]>(rows),
  );
  const touched = new Set<string>();
  for (const key of statement.includes('?') ? all.map(({ key }) => key) : [undefined]) {
    (await touchedBy(app, scope, statement, key)).forEach((key) => touched.add(key));
  }
  const within = (reach: Reach): Set<string> =>
    new Set(all.filter(({ whose }) => REACHES.indexOf(whose) <= REACHES.indexOf(reach)).map(({ key }) => key));
  // Somebody without an account reaches as much by "own" as by "account".
  return REACHES.filter((reach) => isDeepStrictEqual(touched, within(reach)));
}
