import { isDeepStrictEqual } from 'node:util';
import { verdictsOn } from '../../src/access/index.ts';
import type { Viewer } from '../../src/lib/viewer.ts';
import { type RowScope, SYSTEM_ROLE } from '../../src/database/scopes.ts';
import type { TestApp } from '../support/app.ts';
import { type Gate, type Reach, REACHES } from './gates.ts';

/** Returns the rows behind a gate that the directives let a viewer reach, as if every row were visible to them. */
export function reachByDirectives({ policy }: TestApp, viewer: Viewer, { directives }: Gate): Reach {
  const opens = (reach: Reach): boolean => {
    const coordinates = reach === 'none' ? [] : directives[reach];
    if (typeof coordinates === 'function' || coordinates === undefined) {
      return coordinates?.(viewer) ?? false;
    }
    const wanted = reach === 'own' ? ['allowed', 'own'] : ['allowed'];
    if (reach === 'account' && viewer.accountId === null) {
      return false;
    }
    return verdictsOn(policy, { viewer, coordinates }).every(
      ({ verdict }) => verdict !== null && wanted.includes(verdict),
    );
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
 * Returns the rows behind a gate that row-level security lets a row scope reach, whatever the directives say: tried
 * out, and undone. Several reaches where these are the same rows; none where the rows are those of no reach.
 */
export async function reachByRows(app: TestApp, scope: RowScope, { rows, statement }: Gate): Promise<readonly Reach[]> {
  const all = await app.database.run({ ...scope, role: SYSTEM_ROLE }, (em) =>
    em.execute<{ key: string; whose: Reach }[]>(rows),
  );
  const touched = new Set<string>();
  for (const key of statement.includes('?') ? all.map(({ key }) => key) : [undefined]) {
    (await touchedBy(app, scope, statement, key)).forEach((key) => touched.add(key));
  }
  const within = (reach: Reach): Set<string> =>
    new Set(all.filter(({ whose }) => REACHES.indexOf(whose) <= REACHES.indexOf(reach)).map(({ key }) => key));
  // A viewer without an account reaches as much by "own" as by "account".
  return REACHES.filter((reach) => isDeepStrictEqual(touched, within(reach)));
}
