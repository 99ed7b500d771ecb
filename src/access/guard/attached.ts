import {
  type GraphQLSchema,
  isAbstractType,
  isIntrospectionType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { PolicyError } from '../policy/policy-error.ts';
import { isPolicy, type Policy, readPolicy } from '../policy/policy.ts';
import { isUsableSchema } from '../read/load.ts';
import { GUARDED } from '../read/lost.ts';
import { changedParts, foreignTypes, type Shape, shapeOf } from './shape.ts';

/** The functions that guard a schema, by coordinate: `Type.field`, `subscribe Type.field`, or an abstract `Type`. */
export type Guards = ReadonlyMap<string, unknown>;

interface Attached {
  readonly policy: Policy;
  readonly guards: Guards;
  readonly shape: Shape;
  readonly answers: GuardAnswers;
}

/** The options of a guard that decide what a denial looks like, if it is one. */
export interface GuardAnswers {
  readonly enforcement: 'enforce' | 'observe';
  readonly denial: 'null' | 'reject';
  /** The number of errors that are listed for each coordinate of an execution; Infinity for all. */
  readonly errorLimit: number;
}

/**
 * The mark of a guarded schema: a function, because tools that merge schemas clone the objects in `extensions`
 * at any depth, and would clone the schema in the policy.
 */
type Attachment = () => void;

const attachments = new WeakMap<Attachment, Attached>();

/** The policy and the guards of the schema that a guard was made for, by guard: a copy of the schema may have lost its mark. */
const attachedBy = new WeakMap<object, Attached>();

function attachedTo(schema: GraphQLSchema): Attached | null {
  if (!isUsableSchema(schema)) {
    throw new TypeError('Expected a GraphQLSchema');
  }
  const attachment: unknown = schema.extensions[GUARDED];
  if (typeof attachment !== 'function') {
    return null;
  }
  const attached = attachments.get(attachment as Attachment);
  if (attached === undefined) {
    throw new TypeError('The schema was guarded by another copy of rolegate: "npm ls rolegate" shows them; keep one');
  }
  return attached;
}

/**
 * Returns the policy that a guarded schema enforces, in which `schema` is the guarded one; null if the schema is not
 * guarded.
 */
export function policyOf(schema: GraphQLSchema): Policy | null {
  const attached = attachedTo(schema);
  return attached?.policy.schema === schema ? attached.policy : null;
}

/** Returns the options with which a schema was guarded; null if the schema is not guarded. */
export function guardAnswersOf(schema: GraphQLSchema): GuardAnswers | null {
  return attachedTo(schema)?.answers ?? null;
}

/** The policies of schemas that are not guarded: reading one with thousands of fields takes a second. */
const read = new WeakMap<GraphQLSchema, Policy>();

/**
 * Returns the policy of a schema, guarded or not, or the given policy.
 *
 * @throws PolicyError if the policy of a schema cannot be read
 * @throws TypeError if it is neither
 */
export function policyFrom(source: Policy | GraphQLSchema): Policy {
  if (!isUsableSchema(source)) {
    if (!isPolicy(source)) {
      throw new TypeError('Expected a GraphQLSchema, or the result of readPolicy');
    }
    return source;
  }
  const known = policyOf(source) ?? read.get(source);
  const policy = known ?? readPolicy(source);
  if (known === undefined) {
    read.set(source, policy);
  }
  return policy;
}

/** Attaches the policy to the schema that enforces it. */
export function attachPolicy(schema: GraphQLSchema, policy: Policy, answers: GuardAnswers): GraphQLSchema {
  const attachment: Attachment = () => void schema;
  const own = { ...policy, schema, visible: { ...policy.visible, schemas: new Map() } };
  const attached = { policy: own, guards: guardsOf(schema), shape: shapeOf(schema), answers };
  attachments.set(attachment, attached);
  for (const guard of attached.guards.values()) {
    attachedBy.set(guard as object, attached);
  }
  schema.extensions = { ...schema.extensions, [GUARDED]: attachment };
  return schema;
}

/**
 * Checks that every guard of a schema is in its place, and that nothing was added to the schema since it was guarded, or
 * has another type or another internal value. Call it when everything that transforms the schema has run, and before requests do.
 *
 * @throws TypeError if the schema has not been guarded
 * @throws PolicyError that names every coordinate whose guard was replaced or wrapped, and every added or changed one;
 *   or the schema, if it is a copy without the policy
 */
export function assertGuarded(schema: GraphQLSchema): void {
  const own = attachedTo(schema);
  const attached = own ?? originOf(schema);
  if (attached === null) {
    throw new TypeError('The schema is not guarded: call guardSchema, after everything else that transforms it');
  }
  const problems = [...foreignTypes(schema), ...changedParts(attached.shape, shapeOf(schema))];
  if (own === null) {
    const message = 'is a copy of a guarded schema that has lost its policy; guard the schema last';
    problems.push({ coordinate: 'schema', message });
  }
  for (const [coordinate, guard] of guardsOf(schema, true)) {
    const [field = ''] = coordinate.split(' ').slice(-1);
    const expected = attached.guards.get(coordinate);
    if (expected !== undefined && expected !== guard) {
      problems.push({ coordinate: field, message: lossOf(schema) });
    }
  }
  if (problems.length > 0) {
    throw new PolicyError(problems);
  }
}

/** Returns what was attached to the schema that a copy has most of its guards from; null if it has none. */
function originOf(schema: GraphQLSchema): Attached | null {
  const counts = new Map<Attached, number>();
  for (const guard of guardsOf(schema).values()) {
    const attached = attachedBy.get(guard as object);
    if (attached !== undefined) {
      counts.set(attached, (counts.get(attached) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? null;
}

/** The words for a guard that is not in its place; Apollo Server leaves a mark on a schema whose resolvers it has wrapped. */
function lossOf(schema: GraphQLSchema): string {
  const isInstrumented = Object.getOwnPropertySymbols(schema).some(({ description = '' }) =>
    /^apollo/i.test(description),
  );
  return isInstrumented
    ? 'cannot be checked: Apollo Server wraps all resolvers when it answers its first request; check the schema before, or build another one'
    : 'has lost its guard: its resolver was replaced or wrapped after guardSchema; guard the schema last';
}

/** Guards, each with the guard that it was derived from: itself, or the one of the complete schema. */
const guardFunctions = new WeakMap<object, unknown>();

/** Marks a function as a guard. */
export function markGuard<Guard extends (...args: never) => unknown>(guard: Guard): Guard {
  guardFunctions.set(guard, guard);
  return guard;
}

/** Marks a function that wraps a guard as one that takes its place. */
export function deriveGuard<Guard extends (...args: never) => unknown>(derived: Guard, guard: Guard): Guard {
  const origin = guardFunctions.get(guard);
  if (origin !== undefined) {
    guardFunctions.set(derived, origin);
  }
  return derived;
}

/** Collects the guards of a schema; with `everything` also the functions, and the lack of any, in other places. */
function guardsOf(schema: GraphQLSchema, everything = false): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const note = (coordinate: string, guard: unknown): void => {
    const origin = typeof guard === 'function' ? guardFunctions.get(guard) : undefined;
    if (everything || origin !== undefined) {
      found.set(coordinate, origin ?? guard ?? null);
    }
  };
  const subscription = schema.getSubscriptionType();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) {
      note(type.name, type.resolveType);
    } else if (isObjectType(type) && !isIntrospectionType(type)) {
      for (const field of Object.values(type.getFields())) {
        note(`${type.name}.${field.name}`, field.resolve);
        if (type === subscription) {
          note(`subscribe ${type.name}.${field.name}`, field.subscribe);
        }
      }
    }
  }
  return found;
}

/**
 * Returns the policy if it can be enforced on the schema.
 *
 * @throws TypeError if the schema is guarded already
 * @throws PolicyError if the policy was read from a schema with other types or fields
 */
export function requirePolicyFor(schema: GraphQLSchema, policy: Policy): Policy {
  if (attachedTo(schema) !== null) {
    throw new TypeError(
      'The schema is guarded already: call guardSchema once, after everything else that transforms the schema',
    );
  }
  if (policy.schema !== schema && outline(policy.schema) !== outline(schema)) {
    throw new PolicyError([{ coordinate: 'schema', message: 'is not the one that the policy was read from' }]);
  }
  return policy;
}

function outline(schema: GraphQLSchema): string {
  return printSchema(lexicographicSortSchema(schema));
}
