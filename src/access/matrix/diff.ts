import type { Door } from '../policy/doors.ts';
import { implies } from '../policy/doors.ts';
import type { Verdict } from '../policy/judge.ts';
import type { RoleClosure } from '../policy/roles.ts';
import type { ReviewedMatrix, ReviewedRow } from './matrix.ts';

/** One way in which who may reach what has changed. */
export interface MatrixChange {
  readonly coordinate: string;
  /** `both`: some reach more, others less, or it cannot be told. */
  readonly direction: 'widened' | 'narrowed' | 'both';
  /** What changed, in words. */
  readonly text: string;
}

const RANK: Readonly<Record<Verdict, number>> = { no: 0, own: 1, yes: 2 };

/** A row, and the matrix that it belongs to. */
interface Placed {
  readonly row: ReviewedRow;
  readonly columns: readonly string[];
}

/**
 * What changed between two matrices, by coordinate; nothing if everybody reaches what they reached. Keys that no column
 * holds, as permissions are, are compared by the words of the doors.
 *
 * @param roles orders the roles that these words name
 */
export function diffMatrices(before: ReviewedMatrix, after: ReviewedMatrix, roles: RoleClosure): MatrixChange[] {
  const [old, now] = [place(before), place(after)];
  const columns = before.columns.filter((column) => after.columns.includes(column));
  const coordinates = [...new Set([...old.keys(), ...now.keys()])].sort();
  return [
    ...columnChanges(before.columns, after.columns),
    ...coordinates.flatMap((coordinate) => {
      const [a, b] = [old.get(coordinate), now.get(coordinate)];
      if (a === undefined || b === undefined) {
        return a === undefined
          ? { coordinate, direction: 'widened' as const, text: `new, open to ${b?.row.doors}` }
          : { coordinate, direction: 'narrowed' as const, text: `gone, was open to ${a.row.doors}` };
      }
      return changeOf(a, b, columns, roles);
    }),
  ];
}

/** What the directions of all changes amount to; null if there are none. */
export function overallDirection(changes: readonly MatrixChange[]): MatrixChange['direction'] | null {
  const directions = new Set(changes.map(({ direction }) => direction));
  if (directions.size > 1) {
    return 'both';
  }
  return changes[0]?.direction ?? null;
}

function place({ rows, columns }: ReviewedMatrix): Map<string, Placed> {
  return new Map(rows.map((row) => [row.coordinate, { row, columns }]));
}

function columnChanges(before: readonly string[], after: readonly string[]): MatrixChange[] {
  const added = after.filter((column) => !before.includes(column));
  const gone = before.filter((column) => !after.includes(column));
  return [
    ...added.map((coordinate): MatrixChange => ({ coordinate, direction: 'widened', text: 'a new column' })),
    ...gone.map((coordinate): MatrixChange => ({ coordinate, direction: 'narrowed', text: 'no column any more' })),
  ];
}

function changeOf(a: Placed, b: Placed, columns: readonly string[], roles: RoleClosure): MatrixChange[] {
  const { coordinate } = b.row;
  const steps = columns
    .map((column) => ({ column, from: cellOf(a, column), to: cellOf(b, column) }))
    .filter(({ from, to }) => from !== to);
  const texts = steps.map(({ column, from, to }) => `${column} ${from} → ${to}`);
  const directions = new Set(steps.map(({ from, to }) => (RANK[to] > RANK[from] ? 'widened' : 'narrowed')));
  if (a.row.doors !== b.row.doors) {
    texts.push(`doors ${a.row.doors} → ${b.row.doors}`);
    compareWords(a.row.doors, b.row.doors, roles).forEach((direction) => directions.add(direction));
  }
  const [direction] = directions;
  return direction === undefined
    ? []
    : [{ coordinate, direction: directions.size > 1 ? 'both' : direction, text: texts.join(', ') }];
}

function cellOf({ row, columns }: Placed, column: string): Verdict {
  return row.cells[columns.indexOf(column)] ?? 'no';
}

/** The ways in which the doors that were described as `before` differ from those described as `after`. */
function compareWords(before: string, after: string, roles: RoleClosure): ('widened' | 'narrowed')[] {
  const [a, b] = [parseDoors(before, roles), parseDoors(after, roles)];
  if (a === null || b === null) {
    return ['widened', 'narrowed'];
  }
  const isWithin = (passed: readonly Door[], next: readonly Door[]): boolean =>
    next.every((door) => passed.some((other) => implies(other, door, roles)));
  return [...(isWithin(b, a) ? [] : (['widened'] as const)), ...(isWithin(a, b) ? [] : (['narrowed'] as const))];
}

/** The doors that words describe, as `describeRule` writes them; null if they offer a choice of types. */
function parseDoors(words: string, roles: RoleClosure): Door[] | null {
  if (words.includes('one of {')) {
    return null;
  }
  const doors: string[][] = [[]];
  for (const token of words.match(/"(?:[^"\\]|\\.)*"|owner\(\w+\)|[\w-]+/g) ?? []) {
    if (token === 'and') {
      doors.push([]);
    } else if (token !== 'or' && token !== 'nobody') {
      doors.at(-1)?.push(token);
    }
  }
  return words === 'anybody' ? [] : doors.map((keys) => doorOf(keys, roles));
}

/** Whatever is no role, an owner too, is a key like a permission: the same or another one. */
function doorOf(keys: readonly string[], roles: RoleClosure): Door {
  return {
    roles: keys.filter((key) => roles.has(key)),
    permissions: keys.filter((key) => !roles.has(key)),
    owner: null,
    signedIn: keys.includes('signed-in'),
    from: '',
  };
}
