import type { Requirement } from '../policy/requirements.ts';
import { implies } from '../policy/requirements.ts';
import type { Verdict } from '../policy/judge.ts';
import type { RoleClosure } from '../policy/roles.ts';
import type { ReviewedMatrix, ReviewedRow } from './matrix.ts';

/** One change of what a viewer may reach. */
export interface MatrixChange {
  readonly coordinate: string;
  /** `both`: some viewers reach more and others less, or the direction is unknown. */
  readonly direction: 'widened' | 'narrowed' | 'both';
  /** The change in words. */
  readonly text: string;
}

const RANK: Readonly<Record<Verdict, number>> = { denied: 0, own: 1, depends: 1, allowed: 2 };

/** A row, and the columns of its matrix. */
interface Placed {
  readonly row: ReviewedRow;
  readonly columns: readonly string[];
}

/**
 * Compares two matrices, by coordinate; returns no change if every viewer reaches what they reached. Alternatives that
 * no column holds, as permissions are, are compared by the words of the requirements.
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
          ? { coordinate, direction: 'widened' as const, text: `new, requires ${b?.row.requirements}` }
          : { coordinate, direction: 'narrowed' as const, text: `deleted, required ${a.row.requirements}` };
      }
      return changeOf(a, b, columns, roles);
    }),
  ];
}

/** Returns the direction that all changes together have; null if there are none. */
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
    ...gone.map((coordinate): MatrixChange => ({ coordinate, direction: 'narrowed', text: 'the column is deleted' })),
  ];
}

function changeOf(a: Placed, b: Placed, columns: readonly string[], roles: RoleClosure): MatrixChange[] {
  const { coordinate } = b.row;
  const steps = columns
    .map((column) => ({ column, from: cellOf(a, column), to: cellOf(b, column) }))
    .filter(({ from, to }) => from !== to);
  const texts = steps.map(({ column, from, to }) => `${column} ${from} → ${to}`);
  const directions = new Set(steps.map(({ from, to }) => (RANK[to] > RANK[from] ? 'widened' : 'narrowed')));
  if (a.row.requirements !== b.row.requirements) {
    texts.push(`requires ${a.row.requirements} → ${b.row.requirements}`);
    compareWords(a.row.requirements, b.row.requirements, roles).forEach((direction) => directions.add(direction));
  }
  const [direction] = directions;
  return direction === undefined
    ? []
    : [{ coordinate, direction: directions.size > 1 ? 'both' : direction, text: texts.join(', ') }];
}

function cellOf({ row, columns }: Placed, column: string): Verdict {
  return row.cells[columns.indexOf(column)] ?? 'denied';
}

/** Returns the directions in which requirements have changed. */
function compareWords(before: string, after: string, roles: RoleClosure): ('widened' | 'narrowed')[] {
  const [a, b] = [parseRequirements(before, roles), parseRequirements(after, roles)];
  if (a === null || b === null) {
    return ['widened', 'narrowed'];
  }
  const isWithin = (satisfied: readonly Requirement[], next: readonly Requirement[]): boolean =>
    next.every((requirement) => satisfied.some((other) => implies(other, requirement, roles)));
  return [...(isWithin(b, a) ? [] : (['widened'] as const)), ...(isWithin(a, b) ? [] : (['narrowed'] as const))];
}

/** Parses requirements that `describeRule` has written; null if they offer a choice of types. */
function parseRequirements(words: string, roles: RoleClosure): Requirement[] | null {
  if (words.includes('one of {')) {
    return null;
  }
  const requirements: string[][] = [[]];
  for (const token of words.match(/"(?:[^"\\]|\\.)*"|(?:owner|policy)\([^)]*\)|[\w-]+/g) ?? []) {
    if (token === 'and') {
      requirements.push([]);
    } else if (token !== 'or' && token !== 'never') {
      requirements.at(-1)?.push(token);
    }
  }
  return words === 'anyone' ? [] : requirements.map((alternatives) => requirementOf(alternatives, roles));
}

/** Builds a requirement to compare with. Anything but a role, an owner too, is compared by name like a permission. */
function requirementOf(alternatives: readonly string[], roles: RoleClosure): Requirement {
  return {
    roles: alternatives.filter((name) => roles.has(name)),
    permissions: alternatives.filter((name) => !roles.has(name)),
    owners: [],
    policies: [],
    site: null,
    signedIn: alternatives.includes('signed-in'),
    from: '',
  };
}
