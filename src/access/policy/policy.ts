import { type GraphQLSchema, isSchema } from 'graphql';
import { checkDefaults, checkDenials } from '../checks/denials.ts';
import { checkFilters } from '../checks/filters.ts';
import { checkDecided, checkReferences } from '../checks/references.ts';
import { loadSchema, type PolicySource } from '../read/load.ts';
import type { AuthUsage } from '../read/auth-usage.ts';
import { checkDefinitions, checkSubschemas } from '../read/lost.ts';
import { checkDeclarations } from '../read/placement.ts';
import { readUsages, type Usages } from '../read/usages.ts';
import {
  DEFAULT_NAMES,
  DIRECTIVE_NAMES,
  type DirectiveNames,
  inWordsOf,
  isName,
  type Vocabulary,
} from '../read/vocabulary.ts';
import { checkOptions, isListOfStrings, isObjectOf, oneOf, type OptionKinds } from '../options.ts';
import { isRecord } from '../values.ts';
import type { PolicyBuild } from './build.ts';
import { findConnections } from './connections.ts';
import { describeRequirement, type Requirement } from './requirements.ts';
import type { ReadTable } from './field-checks.ts';
import { PolicyError, type Problem, type Report, sortedBy, sortProblems } from './policy-error.ts';
import { closeRoles, ROLE_ENUM, roleNames, type RoleOptions } from './roles.ts';
import { buildTable, type Table } from './table.ts';

/** The access rules of a schema in one table, which guard, matrix, explanation and visibility read. */
export interface Policy extends ReadTable {
  readonly roleEnum: string;
  /** Every permission that a requirement names, and the coordinates at which it is written; both sorted. */
  readonly permissions: ReadonlyMap<string, readonly string[]>;
  /** Every policy function that a requirement names, and the coordinates at which it is written; both sorted. */
  readonly policies: ReadonlyMap<string, readonly string[]>;
  /** The fields without a decision, sorted; empty unless the option `undecided` tolerates them. */
  readonly undecided: readonly string[];
  /** The problems for which an enforced schema would be refused; empty unless the option `enforcement` is `observe`. */
  readonly problems: readonly Problem[];
  /** The names of the access directives in the schema. */
  readonly directives: DirectiveNames;
  /** The state of `visibleSchema`. */
  readonly visible: VisibleSchemas;
}

/** Pruned schemas by the requirements that are satisfied in them, and the requirements that make the difference. */
export interface VisibleSchemas {
  readonly requirements: readonly Requirement[];
  readonly schemas: Map<string, GraphQLSchema>;
}

/** The options of {@link readPolicy}. */
export interface PolicyOptions<
  Role extends string = string,
  PolicyName extends string = string,
> extends RoleOptions<Role> {
  /** The names of the policy functions there are; not checked if not set. */
  readonly policies?: readonly NoInfer<PolicyName>[] | undefined;
  /**
   * The treatment of fields without a decision: `refuse`, the default, refuses the schema; `report` leaves them open and
   * lists them in {@link Policy.undecided}; `deny` denies them to every viewer.
   */
  readonly undecided?: 'refuse' | 'report' | 'deny' | undefined;
  /**
   * The answer to a denial: `null`, the default, with an error at its path, so that fields which may be denied must be
   * nullable; or `reject`: the whole operation fails before anything runs, so that only fields which depend on an object
   * must be nullable.
   */
  readonly denial?: 'null' | 'reject' | undefined;
  /**
   * `observe` denies nothing, so that denials which would go wrong do not refuse the schema: fields that are not nullable,
   * guarded defaults, filters without `@reads`. {@link Policy.problems} lists them.
   */
  readonly enforcement?: 'enforce' | 'observe' | undefined;
  /** Directives of your own that are not to be taken for misspelt access directives. */
  readonly ignoreDirectives?: readonly string[] | undefined;
  /** Other names for the directives, `{ auth: 'access' }`, in schemas that use these names for something else. */
  readonly directives?: Partial<DirectiveNames> | undefined;
}

/** The options that decide what a policy is, of `readPolicy` and of `guardSchema`. */
export const POLICY_OPTIONS: OptionKinds = {
  roleEnum: {
    words: 'the name of the enum of roles',
    accepts: isName,
  },
  inherits: {
    words: 'an object that holds a list of roles for each role: { ADMIN: ["EDITOR"] }',
    accepts: (value) => isObjectOf(value, isListOfStrings),
  },
  undecided: oneOf('refuse', 'report', 'deny'),
  denial: oneOf('null', 'reject'),
  enforcement: oneOf('enforce', 'observe'),
  ignoreDirectives: { words: 'a list of names of directives', accepts: isListOfStrings },
  directives: DIRECTIVE_NAMES,
};

/** Tells whether a value is what `readPolicy` returns. */
export function isPolicy(value: unknown): value is Policy {
  return isRecord(value) && isSchema(value['schema']) && value['rules'] instanceof Map;
}

const READ_OPTIONS = {
  ...POLICY_OPTIONS,
  policies: { words: 'a list of the names of functions', accepts: isListOfStrings },
};

/**
 * Reads the access directives of a schema into one table. The order of directives, of definitions and of `extend` does
 * not change it.
 *
 * @throws PolicyError that lists, by coordinate, everything undecided, contradictory, unknown, empty, misplaced or
 *   misspelt, and every denial that nullability would turn into more than it is
 * @throws TypeError if an option is not valid
 */
export function readPolicy<Role extends string = string, PolicyName extends string = string>(
  source: PolicySource,
  given: PolicyOptions<Role, PolicyName> = {},
): Policy {
  checkOptions('readPolicy', given, READ_OPTIONS);
  const options = given as PolicyOptions;
  const words: Vocabulary = {
    names: { ...DEFAULT_NAMES, ...options.directives },
    roleEnum: options.roleEnum ?? ROLE_ENUM,
    ignored: new Set(options.ignoreDirectives),
  };
  const problems: Problem[] = [];
  const policy = buildPolicy(loadSchema(source, words), words, options, (coordinate, message) => {
    problems.push({ coordinate, message: inWordsOf(words, message) });
  });
  if (problems.length > 0) {
    throw new PolicyError(problems);
  }
  return policy;
}

function buildPolicy(schema: GraphQLSchema, words: Vocabulary, options: PolicyOptions, report: Report): Policy {
  const { roleEnum, names } = words;
  const { undecided: treatment = 'refuse', denial = 'null', enforcement = 'enforce' } = options;
  const roles = roleNames(schema, options, report);
  const refused = checkDeclarations(schema, words, report);
  const placement = { schema, ...words, roles, refused };
  const usages = readUsages(placement, report);
  checkSubschemas(placement, usages, report);
  checkDefinitions(placement, usages, report);
  const connections = findConnections(schema);
  const undecided: string[] = [];
  const decide: Report = (coordinate, message) => {
    if (treatment === 'refuse') {
      report(coordinate, message);
    } else {
      undecided.push(coordinate);
    }
  };
  const denied = new Set<string>();
  const build: PolicyBuild = { schema, usages, connections, built: new Map(), denied };
  checkDecided(build, report, decide);
  undecided.sort();
  if (treatment === 'deny') {
    undecided.forEach((coordinate) => denied.add(coordinate));
  }
  const table = { schema, roles: closeRoles(roles, options, usages, report), ...buildTable(build) };
  checkReferences(build, options.policies ?? null, report);
  const problems: Problem[] = [];
  const reportDenial: Report =
    enforcement === 'observe' ? (coordinate, message) => void problems.push({ coordinate, message }) : report;
  checkDefaults(table, reportDenial);
  checkFilters({ ...build, ...table }, reportDenial);
  checkDenials({ ...table, denied, denial }, reportDenial);
  const visible = { requirements: allRequirements(table), schemas: new Map<string, GraphQLSchema>() };
  return {
    ...table,
    roleEnum,
    directives: names,
    undecided,
    problems: sortProblems(
      problems.map(({ coordinate, message }) => ({ coordinate, message: inWordsOf(words, message) })),
    ),
    permissions: namesIn(usages, ({ permissions }) => permissions),
    policies: namesIn(usages, ({ policies }) => policies),
    visible,
  };
}

/** Returns one requirement of each kind that differs from the others in its alternatives. */
function allRequirements({ rules, types }: Table): Requirement[] {
  const lists = new Set([...[...rules.values()].map(({ requirements }) => requirements), ...types.values()]);
  const requirements = [...lists].flat();
  return [...new Map(requirements.map((requirement) => [describeRequirement(requirement), requirement])).values()];
}

/** Returns every name that an `@auth` gives, and the coordinates at which it is written; both sorted. */
function namesIn(usages: Usages, namesOf: (usage: AuthUsage) => readonly string[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [coordinate, { auth }] of usages) {
    for (const name of new Set(auth.flatMap(namesOf))) {
      const coordinates = found.get(name) ?? [];
      coordinates.push(coordinate);
      found.set(name, coordinates);
    }
  }
  const sorted = sortedBy(found, ([name]) => name);
  return new Map(sorted.map(([name, coordinates]) => [name, coordinates.sort()]));
}
