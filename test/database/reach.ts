import { isDeepStrictEqual } from 'node:util';
import { verdictsOn } from '../../src/access/index.ts';
import type { Viewer } from '../../src/lib/viewer.ts';
import { type RowScope, rowScopeOf, SYSTEM_ROLE, systemScope } from '../../src/database/scopes.ts';
import type { Statement } from '../../src/database/table-rights.ts';
import type { Coordinate } from '../../src/generated/access.ts';
import type { TestApp } from '../support/app.ts';
import { type Gate, type Reach, REACHES } from './gate.ts';

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

/** The field through which each statement on a table is sent. */
export type StatementFields = Readonly<Record<Statement, Coordinate>>;

/** Returns the statements on a table that the directives let a viewer send. */
export function statementsByDirectives({ policy }: TestApp, viewer: Viewer, fields: StatementFields): Statement[] {
  const entries = Object.entries(fields) as [Statement, Coordinate][];
  return entries
    .filter(([, field]) =>
      verdictsOn(policy, { viewer, coordinates: [field] }).every(({ verdict }) => verdict === 'allowed'),
    )
    .map(([statement]) => statement);
}

/** Returns the statements that row-level security lets a viewer run on a table with rows: tried out, and undone. */
export async function statementsByRows(app: TestApp, viewer: Viewer, table: string): Promise<Statement[]> {
  const copy = `to_jsonb(rows) || jsonb_build_object('id', gen_random_uuid())`;
  const [given] = await app.database.run(systemScope, (em) =>
    em.execute<{ row: unknown }[]>(`select ${copy} as row from ${table} as rows limit 1`),
  );
  const row = JSON.stringify(given?.row);
  const probes: readonly (readonly [Statement, sql: string, values: readonly string[]])[] = [
    ['select', `select 1 from ${table}`, []],
    ['insert', `insert into ${table} select * from jsonb_populate_record(null::${table}, ?::jsonb)`, [row]],
    ['update', `update ${table} set version = 1`, []],
    ['delete', `delete from ${table}`, []],
  ];
  const allowed: Statement[] = [];
  for (const [statement, sql, values] of probes) {
    const probe = app.database.run(rowScopeOf(viewer), async (em) => {
      const { affectedRows } = await em.execute<{ affectedRows: number }>(sql, [...values], 'run');
      if (affectedRows > 0 || (statement === 'select' && (await em.execute<unknown[]>(sql)).length > 0)) {
        allowed.push(statement);
      }
      throw new Undo();
    });
    await probe.catch(ignoreRefusal);
  }
  return allowed;
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
  await probe.catch(ignoreRefusal);
  return keys;
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Undo) && !/permission denied|row-level security/.test(String(error))) {
    throw error;
  }
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
