import type { GraphQLSchema } from 'graphql';
import { checkDecided } from '../checks/decided.ts';
import { checkDefaults } from '../checks/defaults.ts';
import { checkDenials } from '../checks/denials.ts';
import { checkFilters } from '../checks/filters.ts';
import { checkReferences } from '../checks/references.ts';
import { checkDeclarations } from '../read/declarations.ts';
import { loadSchema, type PolicySource } from '../read/load.ts';
import { type MarkBook, readMarks } from '../read/marks.ts';
import { findConnections } from './connections.ts';
import { describeDoor, type Door } from './doors.ts';
import type { ReadTable } from './field-checks.ts';
import { sortedBy } from './order.ts';
import { PolicyError, type Problem } from './policy-error.ts';
import { closeRoles, roleNames } from './roles.ts';
import { buildTable, type Table } from './table.ts';

/** What a schema demands of whoever asks it: one table, which guard, matrix, explanation and visibility read. */
export interface Policy extends ReadTable {
  readonly roleEnum: string;
  /** Every permission that opens a door, and the coordinates at which it is written; both sorted. */
  readonly permissions: ReadonlyMap<string, readonly string[]>;
  /** What `visibleSchema` needs and remembers. */
  readonly visible: VisibleSchemas;
}

/** Pruned schemas by the doors that are open in them, and the doors that make the difference. */
export interface VisibleSchemas {
  readonly doors: readonly Door[];
  readonly schemas: Map<string, GraphQLSchema>;
}

export interface PolicyOptions {
  /** The name of the enum whose values are the roles; `Role` without it. */
  readonly roleEnum?: string | undefined;
}

/**
 * Folds the access directives of a schema into one table. The order of directives, of definitions and of `extend` does
 * not change it.
 *
 * @throws PolicyError that lists, by coordinate, everything undecided, contradictory, unknown, empty, misplaced or
 *   misspelt, and every denial that nullability would turn into more than it is
 */
export function readPolicy(source: PolicySource, options: PolicyOptions = {}): Policy {
  const roleEnum = options.roleEnum ?? 'Role';
  const schema = loadSchema(source);
  const problems: Problem[] = [];
  const policy = fold(schema, roleEnum, (coordinate, message) => {
    problems.push({ coordinate, message });
  });
  if (problems.length > 0) {
    throw new PolicyError(problems);
  }
  return policy;
}

function fold(schema: GraphQLSchema, roleEnum: string, report: (coordinate: string, message: string) => void): Policy {
  const names = roleNames(schema, roleEnum, report);
  const refused = checkDeclarations(schema, roleEnum, report);
  const marks = readMarks({ schema, roleEnum, roles: names, refused }, report);
  const folded = { schema, marks, connections: findConnections(schema), folded: new Map() };
  const table = { schema, roles: closeRoles(names, roleEnum, marks, report), ...buildTable(folded) };
  checkDecided(folded, report);
  checkReferences(folded, report);
  checkDefaults(table, report);
  checkFilters({ ...folded, ...table }, report);
  checkDenials(table, report);
  const visible = { doors: allDoors(table), schemas: new Map<string, GraphQLSchema>() };
  return { ...table, roleEnum, permissions: permissionsOf(marks), visible };
}

/** Every door that differs from the others in its keys. */
function allDoors({ rules, types }: Table): Door[] {
  const lists = new Set([...[...rules.values()].map(({ doors }) => doors), ...types.values()]);
  const doors = [...lists].flat();
  return [...new Map(doors.map((door) => [describeDoor(door), door])).values()];
}

function permissionsOf(marks: MarkBook): Policy['permissions'] {
  const found = new Map<string, string[]>();
  for (const [coordinate, { demands }] of marks) {
    for (const permission of new Set(demands.flatMap(({ permissions }) => permissions))) {
      const coordinates = found.get(permission) ?? [];
      coordinates.push(coordinate);
      found.set(permission, coordinates);
    }
  }
  const sorted = sortedBy(found, ([permission]) => permission);
  return new Map(sorted.map(([permission, coordinates]) => [permission, coordinates.sort()]));
}
