import { type GraphQLSchema, isObjectType, isRequiredArgument, OperationTypeNode } from 'graphql';
import {
  type AccessViewer,
  guardSchema,
  type Policy,
  policyOf,
  readPolicy,
  type RolePermissions,
} from '../access/index.ts';
import { type Actor, castOf, type Keys, keysOf } from './cast.ts';
import { ruleOn } from './judge.ts';
import { AttackLog } from './report.ts';
import { type Atlas, createAtlas, type Route } from './routes.ts';
import type { GuardedStage } from './run.ts';
import { type Scene, setStage } from './stage.ts';
import { type Given, givenLiteral, sampleOf, type SampleValues, type Sampling } from './values.ts';

/** What to attack, and how. */
export interface AttackOptions {
  /** A schema, guarded or not. None of its resolvers is called: recorders take their places. */
  readonly schema: GraphQLSchema;
  /** What must hold; it is taken or read from the schema without it. */
  readonly policy?: Policy | undefined;
  /** The name of the enum whose values are the roles; `Role` without it. */
  readonly roleEnum?: string | undefined;
  /** The permissions that come with roles. */
  readonly rolePermissions?: RolePermissions | undefined;
  /** Values for arguments and input fields, by coordinate or name of type, where made-up ones would not do. */
  readonly values?: SampleValues | undefined;
  /** Guards the schema of recorders; `guardSchema` without it. */
  readonly guard?: ((schema: GraphQLSchema, options: GuardUnderAttack) => GraphQLSchema) | undefined;
  /** Tries one attack in so many, evenly spread, where all of them would take too long; 1 without it. */
  readonly oneIn?: number | undefined;
  /** Stops after so many failures; never without it. */
  readonly mostFailures?: number | undefined;
}

/** What a guard under attack has to go by. */
export interface GuardUnderAttack {
  readonly policy: Policy;
  readonly viewer: (context: AttackContext) => AccessViewer;
}

/** The context of every operation. */
export type AttackContext = Scene;

/** Everything that attacks of one schema share. */
export interface Campaign {
  readonly policy: Policy;
  readonly stages: readonly GuardedStage[];
  readonly atlas: Atlas;
  readonly sampling: Sampling;
  readonly cast: readonly Attacker[];
  readonly log: AttackLog;
  /** Whether there are as many failures as were asked for. */
  readonly isOver: () => boolean;
  /** Whether it is the turn of the next attack. */
  readonly isTurn: () => boolean;
}

export interface Attacker extends Actor {
  readonly keys: Keys;
  /** The ways on which nothing stands in the way of the attacker. */
  readonly open: ReadonlyMap<string, Route>;
}

const ROOTS = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION];

/**
 * Sets the stages.
 *
 * @throws PolicyError if the policy cannot be read
 */
export function prepare(options: AttackOptions): Campaign {
  const { schema, rolePermissions = {}, values = {}, oneIn = 1, mostFailures = Infinity } = options;
  const guard = options.guard ?? guardStage;
  const policy = options.policy ?? policyOf(schema) ?? readPolicy(schema, { roleEnum: options.roleEnum });
  const isGuarded = (coordinate: string): boolean => (policy.rules.get(coordinate)?.adds.length ?? 0) > 0;
  const sampling = { values, isGuarded };
  const atlas = createAtlas(schema, (type, field) => requiredArguments(schema, type, field, sampling));
  const stages = (['resolvers', 'methods'] as const).map((staging): GuardedStage => {
    const stage = setStage(schema, staging);
    const guarded = guard(stage.schema, { policy, viewer: ({ viewer }) => viewer });
    return Object.assign(stage, { guarded });
  });
  const cast = castOf(policy, rolePermissions).map((actor): Attacker => {
    const keys = keysOf(actor.viewer, policy);
    const asking = { keys, owns: true };
    const open = atlas.shortest(ROOTS, (step) => ruleOn(policy, step, asking).outcome === 'open');
    return { name: actor.name, viewer: actor.viewer, keys, open };
  });
  const log = new AttackLog();
  const isOver = (): boolean => log.failed >= mostFailures;
  let turn = 0;
  const isTurn = (): boolean => !isOver() && turn++ % oneIn === 0;
  return { policy, stages, atlas, sampling, cast, log, isOver, isTurn };
}

function guardStage(schema: GraphQLSchema, options: GuardUnderAttack): GraphQLSchema {
  return guardSchema<AttackContext>(schema, options);
}

function requiredArguments(schema: GraphQLSchema, typeName: string, field: string, sampling: Sampling): Given[] {
  const type = schema.getType(typeName);
  const args = isObjectType(type) ? (type.getFields()[field]?.args ?? []) : [];
  return args.filter(isRequiredArgument).map((argument) => {
    const coordinate = `${typeName}.${field}(${argument.name}:)`;
    return givenLiteral(argument, coordinate, sampleOf(argument, coordinate, sampling));
  });
}
