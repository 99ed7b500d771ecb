import type { GraphQLSchema } from 'graphql';
import { checkDefaults, checkDenials } from '../checks/denials.ts';
import { checkFilters } from '../checks/filters.ts';
import { checkDecided, checkReferences } from '../checks/references.ts';
import { loadSchema, type PolicySource } from '../read/load.ts';
import { checkDeclarations } from '../read/placement.ts';
import { type Usages, readUsages } from '../read/usages.ts';
import type { PolicyBuild } from './build.ts';
import { findConnections } from './connections.ts';
import { describeRequirement, type Requirement } from './requirements.ts';
import type { ReadTable } from './field-checks.ts';
import { PolicyError, type Problem, type Report, sortedBy } from './policy-error.ts';
import { closeRoles, ROLE_ENUM, roleNames, type RoleOptions } from './roles.ts';
import { buildTable, type Table } from './table.ts';

/** The access rules of a schema in one table, which guard, matrix, explanation and visibility read. */
export interface Policy extends ReadTable {
  readonly roleEnum: string;
  /** Every permission that a requirement names, and the coordinates at which it is written; both sorted. */
  readonly permissions: ReadonlyMap<string, readonly string[]>;
  /** The state of `visibleSchema`. */
  readonly visible: VisibleSchemas;
}

/** Pruned schemas by the requirements that are satisfied in them, and the requirements that make the difference. */
export interface VisibleSchemas {
  readonly requirements: readonly Requirement[];
  readonly schemas: Map<string, GraphQLSchema>;
}

export type PolicyOptions = RoleOptions;

/**
 * Reads the access directives of a schema into one table. The order of directives, of definitions and of `extend` does
 * not change it.
 *
 * @throws PolicyError that lists, by coordinate, everything undecided, contradictory, unknown, empty, misplaced or
 *   misspelt, and every denial that nullability would turn into more than it is
 */
export function readPolicy(source: PolicySource, options: PolicyOptions = {}): Policy {
  const schema = loadSchema(source);
  const problems: Problem[] = [];
  const policy = buildPolicy(schema, options, (coordinate, message) => {
    problems.push({ coordinate, message });
  });
  if (problems.length > 0) {
    throw new PolicyError(problems);
  }
  return policy;
}

function buildPolicy(schema: GraphQLSchema, options: PolicyOptions, report: Report): Policy {
  const { roleEnum = ROLE_ENUM } = options;
  const names = roleNames(schema, options, report);
  const refused = checkDeclarations(schema, roleEnum, report);
  const usages = readUsages({ schema, roleEnum, roles: names, refused }, report);
  const build: PolicyBuild = { schema, usages, connections: findConnections(schema), built: new Map() };
  const table = { schema, roles: closeRoles(names, options, usages, report), ...buildTable(build) };
  checkDecided(build, report);
  checkReferences(build, report);
  checkDefaults(table, report);
  checkFilters({ ...build, ...table }, report);
  checkDenials(table, report);
  const visible = { requirements: allRequirements(table), schemas: new Map<string, GraphQLSchema>() };
  return { ...table, roleEnum, permissions: permissionsOf(usages), visible };
}

/** Returns one requirement of each kind that differs from the others in its alternatives. */
function allRequirements({ rules, types }: Table): Requirement[] {
  const lists = new Set([...[...rules.values()].map(({ requirements }) => requirements), ...types.values()]);
  const requirements = [...lists].flat();
  return [...new Map(requirements.map((requirement) => [describeRequirement(requirement), requirement])).values()];
}

function permissionsOf(usages: Usages): Policy['permissions'] {
  const found = new Map<string, string[]>();
  for (const [coordinate, { auth }] of usages) {
    for (const permission of new Set(auth.flatMap(({ permissions }) => permissions))) {
      const coordinates = found.get(permission) ?? [];
      coordinates.push(coordinate);
      found.set(permission, coordinates);
    }
  }
  const sorted = sortedBy(found, ([permission]) => permission);
  return new Map(sorted.map(([permission, coordinates]) => [permission, coordinates.sort()]));
}
