import { type DocumentNode, getNamedType, type GraphQLSchema, isAbstractType, Kind } from 'graphql';
import { policyFrom } from '../guard/attached.ts';
import type { RolePermissions } from '../matrix/matrix.ts';
import { ANY_VALUE, checkOptions, isObjectOf, type OptionKinds, requireRoles, ROLE_PERMISSIONS } from '../options.ts';
import { hasFields } from '../policy/connections.ts';
import { describeRequirement, type Requirement } from '../policy/requirements.ts';
import { guardedInputs } from '../policy/field-checks.ts';
import { type RequirementSet, judge, judgeRequirements, type Verdict } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import type { Member, Rule } from '../policy/table.ts';
import { type AccessViewer, type Grants, grantsOf } from '../policy/viewer.ts';
import { type MissingGrant, remediesFor, type RemedyContext } from './remedies.ts';
import { isRecord } from '../values.ts';
import { readOperation, touchedCoordinates } from './touched.ts';

/** The options of {@link explainAccess}: an operation, and a viewer who might send it. */
export interface ExplainOptions<Role extends string = string, Permission extends string = string> {
  readonly viewer: NoInfer<AccessViewer<Role, Permission>>;
  readonly operation: string | DocumentNode;
  /** The name of the operation, if the document holds several. */
  readonly operationName?: string | null | undefined;
  /** Known values of variables; a variable without one may hold anything. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** The permissions that come with roles, for naming the roles that would satisfy a requirement. */
  readonly rolePermissions?: NoInfer<RolePermissions<Role, Permission>> | undefined;
}

/** The result for an operation, coordinate by coordinate. */
export interface Explanation {
  /** True if nothing in the operation would be denied, whatever the objects. */
  readonly allowed: boolean;
  readonly coordinates: readonly ExplainedCoordinate[];
}

export interface ExplainedCoordinate {
  readonly coordinate: string;
  /** The type that a field of an abstract type returns here; null if this is about the coordinate itself. */
  readonly returning: string | null;
  /** The lines of the operation that use it; empty if the document holds no locations. */
  readonly lines: readonly number[];
  /** `own` means allowed on objects that the viewer owns. */
  readonly verdict: Verdict;
  readonly requirements: readonly ExplainedRequirement[];
  /** The smallest grants that would allow it: alternatives, each a list of grants all of which are needed. */
  readonly remedies: readonly (readonly MissingGrant[])[];
}

export interface ExplainedRequirement {
  /** The coordinate at which the requirement is written. */
  readonly from: string;
  /** Its alternatives in words, any of which satisfies it. */
  readonly alternatives: string;
  readonly verdict: Verdict;
}

/**
 * Explains for every coordinate that an operation may reach whether it is allowed for a viewer, and which requirement
 * decides.
 *
 * @throws OperationError if the operation is not valid for the schema
 * @throws PolicyError if a schema is given whose policy cannot be read
 * @throws TypeError if an option is not valid
 */
export function explainAccess<Role extends string = string, Permission extends string = string>(
  source: Policy | GraphQLSchema,
  options: ExplainOptions<Role, Permission>,
): Explanation {
  const policy = policyFrom(source);
  checkOptions('explainAccess', options, EXPLAIN_OPTIONS);
  const { viewer, variables = {}, rolePermissions = {} } = options as ExplainOptions;
  requireRoles(Object.keys(rolePermissions), policy.roles, 'The option rolePermissions of explainAccess');
  const operation = readOperation(policy.schema, options.operation, options.operationName);
  const grants = grantsOf(viewer, policy.roles);
  const context: RemedyContext = { policy, grants, rolePermissions };
  const guarded = guardedInputs(policy.schema, policy);
  const touched = touchedCoordinates(operation, { schema: policy.schema, guarded, variables });
  const coordinates = [...touched].flatMap(([coordinate, lines]) => explainCoordinate(coordinate, [...lines], context));
  return { allowed: coordinates.every(({ verdict }) => verdict === 'allowed'), coordinates };
}

const EXPLAIN_OPTIONS = {
  viewer: ANY_VALUE,
  operation: {
    words: 'the text of an operation, or a parsed document',
    accepts: (value) => typeof value === 'string' || (isRecord(value) && value['kind'] === Kind.DOCUMENT),
    isRequired: true,
  },
  operationName: {
    words: 'the name of an operation',
    accepts: (value) => value === null || typeof value === 'string',
  },
  variables: { words: 'an object of values', accepts: (value) => isObjectOf(value, () => true) },
  rolePermissions: ROLE_PERMISSIONS,
} as const satisfies OptionKinds;

/** Explains a coordinate, and those types that it may return which require more than it does. */
function explainCoordinate(
  coordinate: string,
  lines: readonly number[],
  context: RemedyContext,
): ExplainedCoordinate[] {
  const rule = context.policy.rules.get(coordinate);
  if (rule === undefined) {
    return [];
  }
  return [
    explainSet({ coordinate, returning: null, lines }, rule, context),
    ...strongerMembers(rule, context.policy).map(({ type, requirements }) =>
      explainSet({ coordinate, returning: type, lines }, { requirements, members: [] }, context),
    ),
  ];
}

/**
 * Returns the types that a field may return and that have requirements; those of a connection are explained where its
 * nodes are.
 */
function strongerMembers({ coordinate, members }: Rule, { schema }: Policy): readonly Member[] {
  const [typeName = '', name = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  const field = hasFields(type) ? type.getFields()[name] : undefined;
  const isAbstract = field !== undefined && isAbstractType(getNamedType(field.type));
  return isAbstract ? members.filter(({ requirements }) => requirements.length > 0) : [];
}

function explainSet(
  use: Pick<ExplainedCoordinate, 'coordinate' | 'returning' | 'lines'>,
  required: RequirementSet,
  context: RemedyContext,
): ExplainedCoordinate {
  return {
    ...use,
    verdict: judge(required, context.grants),
    requirements: required.requirements.map((requirement) => explainRequirement(requirement, context.grants)),
    remedies: remediesFor(required, context),
  };
}

function explainRequirement(requirement: Requirement, grants: Grants): ExplainedRequirement {
  return {
    from: requirement.from,
    alternatives: describeRequirement(requirement),
    verdict: judgeRequirements([requirement], grants),
  };
}
