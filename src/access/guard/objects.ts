import type { GraphQLResolveInfo } from 'graphql';
import { satisfies } from '../policy/judge.ts';
import type { OwnerAlternative, Requirement } from '../policy/requirements.ts';
import type { AccessViewer } from '../policy/viewer.ts';
import { chain, errorOf, isPromise, isRecord, type MaybePromise } from '../values.ts';
import type { FieldGuard } from './inputs.ts';
import { type Owners, requireOwnObject } from './owners.ts';
import type { BySite, RequestVerdicts } from './requests.ts';

/** The input of a policy function. */
export interface PolicyInput<Context = unknown> {
  readonly viewer: AccessViewer;
  /** The object that has the field, or that a field returns; null at fields of a root type. */
  readonly object: unknown;
  /** The arguments of the field as the client gave them, frozen. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: Context;
  readonly info: GraphQLResolveInfo;
}

/** A rule of the adopter, named by `@auth(policy:)`. True allows, false denies; an error that it throws is a failure. */
export type PolicyFunction<Context = unknown> = (input: PolicyInput<Context>) => boolean | Promise<boolean>;

/** The place at which an object is judged. */
export interface ObjectPlace {
  readonly object: unknown;
  readonly args: object;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/** Judges requirements on an object. */
export type ObjectJudge = (
  requirements: readonly Requirement[],
  verdicts: RequestVerdicts,
  place: ObjectPlace,
) => MaybePromise<boolean>;

/** The copies of arguments that have been made for policies. */
const copies = new WeakSet<object>();

/**
 * Returns a copy of arguments, made before a resolver can change them, that a policy cannot change either. Values that are no
 * plain objects or lists, such as dates and files, stay the same.
 */
export function argumentsForPolicies<Value>(value: Value, known = new Map<unknown, unknown>()): Value {
  if (!isRecord(value) || copies.has(value)) {
    return value;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) {
    return value;
  }
  const found = known.get(value) ?? emptyLike(value, prototype);
  if (found !== undefined) {
    return found as Value;
  }
  const copy: object = Array.isArray(value) ? [] : (Object.create(prototype as object | null) as object);
  known.set(value, copy);
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: argumentsForPolicies(item, known), enumerable: true });
  }
  copies.add(Object.freeze(copy));
  return copy as Value;
}

/** The copies of arguments of which there are none: most fields, at each of their objects. */
const EMPTY = { withPrototype: Object.freeze({}), without: Object.freeze(Object.create(null) as object) };

function emptyLike(value: object, prototype: unknown): object | undefined {
  for (const key in value) {
    if (Object.hasOwn(value, key)) {
      return undefined;
    }
  }
  if (Array.isArray(value)) {
    return undefined;
  }
  return prototype === null ? EMPTY.without : EMPTY.withPrototype;
}

/** Returns the arguments of a field for the requirements on its results, which are judged when the resolver has had them. */
export function argumentsForResults(requirements: readonly Requirement[], args: object): object {
  return requirements.some(({ policies }) => policies.length > 0) ? argumentsForPolicies(args) : args;
}

/** Returns the requirements that only an owner or a policy could satisfy for this viewer. */
export function objectRequirements(
  requirements: readonly Requirement[],
  { grants }: RequestVerdicts,
): readonly Requirement[] {
  return requirements
    .filter(({ site }) => site !== null && site !== 'rows')
    .filter((requirement) => !satisfies(requirement, grants));
}

/** Returns the requirements of a field that only an object could satisfy, found once in an execution. */
export function requirementsBySite(guard: FieldGuard, verdicts: RequestVerdicts): BySite {
  let found = verdicts.dependent.get(guard);
  if (found === undefined) {
    const { coordinate } = guard;
    const dependent = objectRequirements(guard.requirements, verdicts);
    found = {
      onParent: { coordinate, requirements: dependent.filter(({ site }) => site === 'parent') },
      onResult: { coordinate, requirements: dependent.filter(({ site }) => site === 'result') },
    };
    verdicts.dependent.set(guard, found);
  }
  return found;
}

function failPolicy(thrown: unknown): never {
  throw errorOf(thrown, 'A policy threw something that is not an error; return false to deny, or throw an Error');
}

/** Calls a policy. It fails with an error, whatever it throws: the value itself may be secret. A promise is a native one. */
function resultOf(
  policy: PolicyFunction<never> | undefined,
  input: Readonly<Record<keyof PolicyInput, unknown>>,
): unknown {
  try {
    const result: unknown = policy?.(input as never);
    return isPromise(result) ? Promise.resolve(result) : result;
  } catch (thrown) {
    return failPolicy(thrown);
  }
}

/**
 * Creates the judge of a schema's objects: every requirement must be satisfied by one of its owners or policies. Nothing is
 * allocated for an object whose owner is at hand: this runs for every row.
 */
export function createObjectJudge(
  owners: Owners,
  policies: Readonly<Record<string, PolicyFunction<never>>>,
): ObjectJudge {
  const isOwned = (
    requirement: Requirement,
    verdicts: RequestVerdicts,
    place: ObjectPlace,
    from: number,
  ): MaybePromise<boolean> => {
    const { id } = verdicts.grants;
    const end = id === null ? 0 : requirement.owners.length;
    for (let index = from; index < end; index += 1) {
      const owner = requirement.owners[index] as OwnerAlternative;
      const text = owners.idOf(owner, place.object, place.context, place.info);
      if (isPromise(text)) {
        return chain(text, (found) => found === id || isOwned(requirement, verdicts, place, index + 1));
      }
      if (text === id) {
        return true;
      }
    }
    return false;
  };
  const isAllowed = (
    requirement: Requirement,
    verdicts: RequestVerdicts,
    place: ObjectPlace,
    from: number,
  ): MaybePromise<boolean> => {
    for (let index = from; index < requirement.policies.length; index += 1) {
      requireOwnObject(place.object, 'The object that a policy judges');
      const { context, info } = place;
      const args = argumentsForPolicies(place.args);
      const input = { viewer: verdicts.viewer, object: place.object ?? null, args, context, info };
      const allowed = resultOf(policies[requirement.policies[index] ?? ''], input);
      if (isPromise(allowed)) {
        return allowed.then(
          (settled) => settled === true || isAllowed(requirement, verdicts, place, index + 1),
          failPolicy,
        );
      }
      if (allowed === true) {
        return true;
      }
    }
    return false;
  };
  const isSatisfied = (requirement: Requirement, verdicts: RequestVerdicts, place: ObjectPlace) => {
    const owned = isOwned(requirement, verdicts, place, 0);
    return isPromise(owned)
      ? chain(owned, (settled) => settled || isAllowed(requirement, verdicts, place, 0))
      : owned || isAllowed(requirement, verdicts, place, 0);
  };
  const judge = (
    requirements: readonly Requirement[],
    verdicts: RequestVerdicts,
    place: ObjectPlace,
    from: number,
  ): MaybePromise<boolean> => {
    for (let index = from; index < requirements.length; index += 1) {
      const satisfied = isSatisfied(requirements[index] as Requirement, verdicts, place);
      if (isPromise(satisfied)) {
        return index + 1 === requirements.length
          ? satisfied
          : satisfied.then((settled) => settled && judge(requirements, verdicts, place, index + 1));
      }
      if (!satisfied) {
        return false;
      }
    }
    return true;
  };
  return (requirements, verdicts, place) => judge(requirements, verdicts, place, 0);
}
