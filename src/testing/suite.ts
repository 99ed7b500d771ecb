import { type GraphQLSchema, isObjectType, isRequiredArgument, OperationTypeNode } from 'graphql';
import {
  type AccessViewer,
  assertGuarded,
  guardSchema,
  type GuardAnswers,
  guardAnswersOf,
  type Policy,
  type PolicyFunction,
  type PolicyInput,
  policyOf,
  readPolicy,
  type RolePermissions,
} from '../access/index.ts';
import {
  ANY_VALUE,
  isObjectOf,
  type OptionKind,
  type OptionKinds,
  requireRoles,
  ROLE_PERMISSIONS,
} from '../access/options.ts';
import { type Actor, actorsOf, type ActorGrants, heldBy, VIEWER_ID } from './actors.ts';
import { ruleOn } from './judge.ts';
import { AttackLog } from './report.ts';
import { type PathFinder, createPathFinder, type FieldPath } from './path-finder.ts';
import type { GuardedMock } from './run.ts';
import { type MockContext, createMockSchema } from './mock-schema.ts';
import { type SuppliedArgument, literalArgument, sampleOf, type SampleValues, type Sampling } from './values.ts';

/** The schema to attack, and the extent of the attack. */
export interface AttackOptions<Role extends string = string, Permission extends string = string> {
  /**
   * A schema that is guarded, or one that is not: then the suite attacks what `guardSchema` makes of it. None of its
   * resolvers is called: recorders replace them.
   */
  readonly schema: GraphQLSchema;
  /** The policy to compare with; taken or read from the schema if not set. */
  readonly policy?: Policy | undefined;
  /** The name of the enum whose values are the roles; `Role` if not set. */
  readonly roleEnum?: string | undefined;
  /** The permissions that come with roles. */
  readonly rolePermissions?: NoInfer<RolePermissions<Role, Permission>> | undefined;
  /** Values for arguments and input fields, by coordinate or name of type, where generated ones would be rejected. */
  readonly values?: SampleValues | undefined;
  /** Guards the mock schema; the guard of the schema if not set, or `guardSchema` if it has none. */
  readonly guard?: ((schema: GraphQLSchema, options: GuardUnderAttack) => GraphQLSchema) | undefined;
  /** Tries only one of that many attacks, evenly spread, where all of them would take too long; 1 if not set. */
  readonly oneIn?: number | undefined;
  /** Stops after that many failures; never if not set. */
  readonly mostFailures?: number | undefined;
}

/** The input of a guard under attack. */
export interface GuardUnderAttack {
  readonly policy: Policy;
  readonly viewer: (context: AttackContext) => AccessViewer;
  /** Functions for all policies that the schema names; they hold for objects of the viewer. */
  readonly policies?: Readonly<Record<string, PolicyFunction<AttackContext>>> | undefined;
}

/** The context of every operation. */
export type AttackContext = MockContext;

/** The options that `attackSchema` and `attackServer` share. */
export const ATTACK_OPTIONS: OptionKinds = {
  schema: {
    words: 'a GraphQLSchema',
    accepts: (value) => Object.prototype.toString.call(value) === '[object GraphQLSchema]',
    isRequired: true,
  },
  policy: ANY_VALUE,
  roleEnum: ANY_VALUE,
  rolePermissions: ROLE_PERMISSIONS,
  values: {
    words: 'an object of values, by coordinate or by the name of a type',
    accepts: (value) => isObjectOf(value, () => true),
  },
};

/** An option that takes a whole number, at least 1. */
export const A_COUNT: OptionKind = {
  words: 'a whole number, at least 1',
  accepts: (value) => value === Infinity || (Number.isInteger(value) && Number(value) >= 1),
};

/** The parts that all attacks on one schema share. */
export interface Suite {
  readonly policy: Policy;
  readonly answers: GuardAnswers;
  readonly mocks: readonly GuardedMock[];
  readonly finder: PathFinder;
  readonly sampling: Sampling;
  readonly attackers: readonly Attacker[];
  readonly log: AttackLog;
  /** Tells whether the limit of failures is reached. */
  readonly isOver: () => boolean;
  /** Tells whether the next attack is to be tried. */
  readonly isTurn: () => boolean;
}

export interface Attacker extends Actor {
  readonly held: ActorGrants;
  /** The paths to each type on which nothing is denied to the attacker. */
  readonly open: ReadonlyMap<string, FieldPath>;
}

const ROOTS = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION];

/**
 * Prepares the attacks on a schema.
 *
 * @throws PolicyError if the policy cannot be read
 * @throws TypeError if there is no usable schema to attack
 */
export function prepareSuite(options: AttackOptions): Suite {
  const { schema, rolePermissions = {}, values = {}, oneIn = 1, mostFailures = Infinity } = options;
  const answers = (options.guard === undefined ? guardAnswersOf(schema) : null) ?? USUAL;
  const guard = options.guard ?? guardOf(schema, answers);
  requireGuards(schema);
  const policy = options.policy ?? policyOf(schema) ?? readPolicy(schema, { roleEnum: options.roleEnum });
  requireRoles(Object.keys(rolePermissions), policy.roles, 'The option rolePermissions of the attack suite');
  const policies = Object.fromEntries(
    [...policy.policies.keys()].map((name) => [
      name,
      ({ context }: PolicyInput<AttackContext>): boolean => context.ownerId === VIEWER_ID,
    ]),
  );
  const isGuarded = (coordinate: string): boolean => (policy.rules.get(coordinate)?.adds.length ?? 0) > 0;
  const sampling = { values, isGuarded };
  const finder = createPathFinder(schema, (type, field) => requiredArguments(schema, type, field, sampling));
  const mocks = (['resolvers', 'methods'] as const).map((dataSource): GuardedMock => {
    const mock = createMockSchema(schema, dataSource);
    const guarded = guard(mock.schema, { policy, viewer: ({ viewer }) => viewer, policies });
    return Object.assign(mock, { guarded });
  });
  const attackers = actorsOf(policy, rolePermissions).map((actor): Attacker => {
    const held = heldBy(actor.viewer, policy);
    const situation = { held, owns: true };
    const open = finder.shortest(ROOTS, (step) => ruleOn(policy, step, situation).outcome === 'allowed');
    return { name: actor.name, viewer: actor.viewer, held, open };
  });
  const log = new AttackLog();
  const isOver = (): boolean => log.failed >= mostFailures;
  let turn = 0;
  const isTurn = (): boolean => !isOver() && turn++ % oneIn === 0;
  return { policy, answers, mocks, finder, sampling, attackers, log, isOver, isTurn };
}

/**
 * Refuses a guarded schema that has lost guards: the recorders of the suite take the places of resolvers, and the
 * guards in front of them are built once more.
 *
 * @throws PolicyError that names every coordinate without its guard
 */
function requireGuards(schema: GraphQLSchema): void {
  try {
    assertGuarded(schema);
  } catch (error) {
    if (!(error instanceof TypeError)) {
      throw error;
    } // Not guarded at all: the suite attacks what guardSchema makes of it.
  }
}

/** Returns the guard that a schema has, with its own policy and options; the one it would get if it has none. */
function guardOf(source: GraphQLSchema, answers: GuardAnswers): NonNullable<AttackOptions['guard']> {
  return (schema, options) =>
    guardSchema<AttackContext>(schema, { ...options, ...answers, policy: policyOf(source) ?? options.policy });
}

/** The answers of a schema that is not guarded yet, or of a guard that is not ours. */
const USUAL: GuardAnswers = { enforcement: 'enforce', denial: 'null', errorLimit: Infinity };

function requiredArguments(
  schema: GraphQLSchema,
  typeName: string,
  field: string,
  sampling: Sampling,
): SuppliedArgument[] {
  const type = schema.getType(typeName);
  const args = isObjectType(type) ? (type.getFields()[field]?.args ?? []) : [];
  return args.filter(isRequiredArgument).map((argument) => {
    const coordinate = `${typeName}.${field}(${argument.name}:)`;
    return literalArgument(argument, coordinate, sampleOf(argument, coordinate, sampling));
  });
}
