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

/** Returns the centre of each role's box: a row for each level, the highest role on top. */
function placesOf(roles: readonly GraphRole[]) {
  const levels = levelsOf(roles);
  const rows = Map.groupBy(roles, ({ name }) => levels.get(name) ?? 0);
  const top = Math.max(0, ...rows.keys());
  const widest = Math.max(1, ...[...rows.values()].map((row) => row.length));
  const width = widest * (WIDTH + GAP_X);
  const places = new Map<string, { x: number; y: number }>();
  for (const [level, row] of rows) {
    row.forEach(({ name }, index) => {
      const x = (width / row.length) * (index + 0.5);
      places.set(name, { x, y: (top - level) * (HEIGHT + GAP_Y) + HEIGHT / 2 + 2 });
    });
  }
  return { places, width, height: (top + 1) * (HEIGHT + GAP_Y) - GAP_Y + 4 };
}

/** The inheritance of roles as a drawing. The table beside it says the same in words. */
export function RoleGraph({ roles, selected }: { readonly roles: readonly GraphRole[]; readonly selected: string }) {
  const { places, width, height } = placesOf(roles);
  return (
    <svg className="graph" viewBox={`0 0 ${width} ${height}`} width={width} role="img" aria-label={text.roles.graph}>
      {roles.flatMap(({ name, inherits }) =>
        inherits.map((other) => {
          const from = places.get(name);
          const to = places.get(other);
          return (
            from &&
            to && (
              <path
                key={`${name} ${other}`}
                d={`M${from.x} ${from.y + HEIGHT / 2}C${from.x} ${from.y + GAP_Y},${to.x} ${to.y - GAP_Y},${to.x} ${to.y - HEIGHT / 2}`}
                fill="none"
                stroke="currentColor"
                opacity={0.5}
              />
            )
          );
        }),
      )}
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
