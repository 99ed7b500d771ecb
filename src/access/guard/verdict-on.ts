import { type GraphQLSchema, isEnumType, isInputObjectType } from 'graphql';
import { ANY_VALUE, checkOptions, isListOfStrings, type OptionKind } from '../options.ts';
import { hasFields } from '../policy/connections.ts';
import { judge, type Verdict } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import type { Rule } from '../policy/table.ts';
import { type AccessViewer, grantsOf } from '../policy/viewer.ts';
import { policyFrom } from './attached.ts';

/** The options of {@link verdictOn}. */
export interface VerdictOptions<
  Role extends string = string,
  Permission extends string = string,
  Coordinate extends string = string,
> {
  readonly viewer: NoInfer<AccessViewer<Role, Permission>>;
  /** The field: `Type.field`. */
  readonly coordinate: NoInfer<Coordinate>;
}

/** The options of {@link verdictsOn}. */
export interface VerdictsOptions<
  Role extends string = string,
  Permission extends string = string,
  Coordinate extends string = string,
> {
  readonly viewer: NoInfer<AccessViewer<Role, Permission>>;
  /** Fields, arguments, input fields and enum values. */
  readonly coordinates: readonly NoInfer<Coordinate>[];
  /** The schema that exists for the viewer, if it is not the complete one. */
  readonly visible?: GraphQLSchema | undefined;
}

const COORDINATE: OptionKind = {
  words: 'the coordinate of a field: "Type.field"',
  accepts: (value) => typeof value === 'string',
  isRequired: true,
};

const COORDINATES: OptionKind = { words: 'a list of coordinates', accepts: isListOfStrings, isRequired: true };

/**
 * Judges a viewer and a field, for a service whose work depends on it: a field that a viewer cannot read is not searched.
 *
 * @throws TypeError if the schema has no such field, or an option is not valid
 */
export function verdictOn<
  Role extends string = string,
  Permission extends string = string,
  Coordinate extends string = string,
>(source: Policy | GraphQLSchema, options: VerdictOptions<Role, Permission, Coordinate>): Verdict {
  const policy = policyFrom(source);
  checkOptions('verdictOn', options, { viewer: ANY_VALUE, coordinate: COORDINATE });
  const { viewer, coordinate } = options;
  const rule = policy.rules.get(coordinate);
  if (rule?.kind !== 'field') {
    throw new TypeError(`The schema has no field ${coordinate}`);
  }
  return judge(rule, grantsOf(viewer, policy.roles));
}

/**
 * Judges a viewer and coordinates of any kind, for a client that wants to know beforehand what would be denied.
 *
 * @returns a verdict for each coordinate; null if it does not exist
 * @throws TypeError if an option is not valid
 */
export function verdictsOn<
  Role extends string = string,
  Permission extends string = string,
  Coordinate extends string = string,
>(
  source: Policy | GraphQLSchema,
  options: VerdictsOptions<Role, Permission, Coordinate>,
): { readonly coordinate: Coordinate; readonly verdict: Verdict | null }[] {
  const policy = policyFrom(source);
  checkOptions('verdictsOn', options, { viewer: ANY_VALUE, coordinates: COORDINATES, visible: ANY_VALUE });
  const { viewer, coordinates, visible } = options;
  const grants = grantsOf(viewer, policy.roles);
  return coordinates.map((coordinate) => {
    const rule = policy.rules.get(coordinate);
    const isThere = rule !== undefined && (visible === undefined || hasCoordinate(visible, rule));
    return { coordinate, verdict: isThere ? judge(rule, grants) : null };
  });
}

/** Reports if a schema, which may be pruned, has the coordinate of a rule. */
function hasCoordinate(schema: GraphQLSchema, { coordinate }: Rule): boolean {
  const [typeName = '', member = '', argument] = coordinate.split(/[.(:]/);
  const type = schema.getType(typeName);
  if (isEnumType(type)) {
    return type.getValues().some(({ name }) => name === member);
  }
  if (isInputObjectType(type)) {
    return Object.hasOwn(type.getFields(), member);
  }
  const field = hasFields(type) ? type.getFields()[member] : undefined;
  return field !== undefined && (argument === undefined || field.args.some(({ name }) => name === argument));
}
