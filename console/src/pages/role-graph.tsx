import { text } from '../text.ts';

/** The part of a role that the drawing needs. */
export interface GraphRole {
  readonly name: string;
  readonly inherits: readonly string[];
}

const WIDTH = 168;
const HEIGHT = 34;
const GAP_X = 16;
const GAP_Y = 44;

/** The room of a line that passes a level. */
const LINE_WIDTH = 32;

/** Returns for each role the length of the longest way down to a role that inherits nothing. */
function levelsOf(roles: readonly GraphRole[]): ReadonlyMap<string, number> {
  const byName = new Map(roles.map((role) => [role.name, role]));
  const levels = new Map<string, number>();
  const levelOf = (name: string, above: readonly string[]): number => {
    const known = levels.get(name);
    if (known !== undefined || above.includes(name)) {
      return known ?? 0;
    }
    const below = byName.get(name)?.inherits ?? [];
    const level = below.length === 0 ? 0 : 1 + Math.max(...below.map((other) => levelOf(other, [...above, name])));
    levels.set(name, level);
    return level;
  };
  roles.forEach(({ name }) => levelOf(name, []));
  return levels;
}

/** A point of the drawing: the box of a role, or a place where a line passes a level between two boxes. */
interface Point {
  readonly id: string;
  readonly width: number;
}

/** The points that a line of inheritance leads through, from the upper role to the lower one. */
type Line = readonly string[];

/** Returns the lines, each with one point on every level that it passes, so that none runs behind a box. */
function linesOf(roles: readonly GraphRole[], levels: ReadonlyMap<string, number>): readonly Line[] {
  return roles.flatMap(({ name, inherits }) =>
    inherits
      .filter((other) => levels.has(other))
      .map((other) => {
        const span = Math.max(1, (levels.get(name) ?? 0) - (levels.get(other) ?? 0));
        return Array.from({ length: span + 1 }, (_, step) =>
          step === 0 ? name : step === span ? other : `${name} ${other} ${step}`,
        );
      }),
  );
}

/** Returns the points of each level, the highest first, in an order in which few lines cross. */
function rowsOf(
  roles: readonly GraphRole[],
  levels: ReadonlyMap<string, number>,
  lines: readonly Line[],
): readonly (readonly Point[])[] {
  const top = Math.max(0, ...levels.values());
  const rows: Point[][] = Array.from({ length: top + 1 }, () => []);
  roles.forEach(({ name }) => rows[top - (levels.get(name) ?? 0)]?.push({ id: name, width: WIDTH + GAP_X }));
  for (const line of lines) {
    const from = top - (levels.get(line[0] ?? '') ?? 0);
    line.slice(1, -1).forEach((id, step) => rows[from + step + 1]?.push({ id, width: LINE_WIDTH }));
  }
  const neighbours = Map.groupBy(
    lines.flatMap((line) => line.slice(1).map((id, index) => ({ id, above: line[index] ?? '' }))),
    ({ id }) => id,
  );
  for (const [index, row] of rows.entries()) {
    const above = new Map(rows[index - 1]?.map(({ id }, place, all) => [id, (place + 0.5) / all.length]));
    const middle = ({ id }: Point): number => {
      const places = neighbours.get(id)?.flatMap((one) => above.get(one.above) ?? []) ?? [];
      return places.length === 0 ? 0.5 : places.reduce((sum, place) => sum + place, 0) / places.length;
    };
    rows[index] = row.toSorted((one, other) => middle(one) - middle(other));
  }
  return rows;
}

const widthOf = (row: readonly Point[]): number => row.reduce((sum, { width }) => sum + width, 0);

/** Returns the centre of each point: a row for each level, the highest role on top. */
function placesOf(rows: readonly (readonly Point[])[]) {
  const width = Math.max(WIDTH + GAP_X, ...rows.map(widthOf));
  const places = new Map<string, { x: number; y: number }>();
  for (const [index, row] of rows.entries()) {
    let left = (width - widthOf(row)) / 2;
    for (const point of row) {
      places.set(point.id, { x: left + point.width / 2, y: index * (HEIGHT + GAP_Y) + HEIGHT / 2 + 2 });
      left += point.width;
    }
  }
  return { places, width, height: rows.length * (HEIGHT + GAP_Y) - GAP_Y + 4 };
}

/** The inheritance of roles as a drawing. The table beside it says the same in words. */
export function RoleGraph({ roles, selected }: { readonly roles: readonly GraphRole[]; readonly selected: string }) {
  const levels = levelsOf(roles);
  const lines = linesOf(roles, levels);
  const { places, width, height } = placesOf(rowsOf(roles, levels, lines));
  const draw = (line: Line): string =>
    line
      .flatMap((id) => places.get(id) ?? [])
      .map(({ x, y }, index, points) => {
        const before = points[index - 1];
        if (before === undefined) {
          return `M${x} ${y}`;
        }
        const middle = (before.y + y) / 2;
        return `C${before.x} ${middle},${x} ${middle},${x} ${y}`;
      })
      .join('');
  return (
    <svg className="graph" viewBox={`0 0 ${width} ${height}`} width={width} role="img" aria-label={text.roles.graph}>
      {lines.map((line) => (
        <path key={line.join(' ')} d={draw(line)} fill="none" stroke="currentColor" opacity={0.5} />
      ))}
      {roles.map(({ name }) => {
        const { x, y } = places.get(name) ?? { x: 0, y: 0 };
        return (
          <g key={name}>
            <rect
              x={x - WIDTH / 2}
              y={y - HEIGHT / 2}
              width={WIDTH}
              height={HEIGHT}
              rx={6}
              fill="var(--mantine-color-body)"
              stroke="currentColor"
              strokeWidth={name === selected ? 3 : 1}
            />
            <text x={x} y={y + 4} textAnchor="middle" fontSize={12} fill="currentColor">
              {name}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
