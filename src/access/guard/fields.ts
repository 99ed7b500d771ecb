import {
  defaultFieldResolver,
  getNullableType,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isListType,
} from 'graphql';
import type { Requirement } from '../policy/requirements.ts';
import { chain, isIterable, isPromise, isRecord, type MaybePromise } from '../values.ts';
import { deny, type GuardContext, ownerRequirements } from './denial.ts';
import { deniedInput, type GuardedInput } from './inputs.ts';
import type { Execution, NumberedRequirements, RequestVerdicts } from './requests.ts';

export type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** The checks of one field, before and after its resolver runs. */
export interface FieldGuard {
  /** `Type.field`, of the object type: the coordinate that a denial names. */
  readonly coordinate: string;
  readonly name: string;
  readonly requirements: readonly Requirement[];
  /** The same requirements, numbered for their verdict. Other fields may share the number. */
  readonly required: NumberedRequirements;
  readonly inputs: readonly GuardedInput[];
  /** The number of lists that enclose the objects which the field returns. */
  readonly depth: number;
}

/** A check of a field that does not depend on its object: an executor makes it once, instead of at each object. */
export interface Precheck {
  /** The unguarded resolver. Where the field is allowed, calling it is the same as calling the guarded resolver. */
  readonly resolve: Resolver;
  /**
   * Reports if the viewer's roles and permissions allow the field and all that is supplied to it. If not, the guarded
   * resolver has to be called: it decides by ownership, denies, and reports the denial.
   */
  allows(context: unknown, execution: Execution, args: object): boolean;
}

const prechecks = new WeakMap<Resolver, Precheck>();

/** Returns the precheck of a resolver that `guardSchema` has guarded; null for any other resolver. */
export function precheckOf(resolver: Resolver): Precheck | null {
  return prechecks.get(resolver) ?? null;
}

/** Counts the lists that a type consists of. */
export function listDepth(output: GraphQLOutputType): number {
  const type = getNullableType(output);
  return isListType(type) ? 1 + listDepth(type.ofType) : 0;
}

/**
 * Wraps a resolver in its guard. For a viewer whose roles and permissions satisfy the requirements the guard costs one
 * look-up; the resolver gets what it would get without the guard, and its result is not touched.
 */
export function guardResolver(
  shared: GuardContext,
  guard: FieldGuard,
  resolve: Resolver = defaultFieldResolver,
): Resolver {
  const guarded = wrapResolver(shared, guard, resolve);
  prechecks.set(guarded, {
    resolve,
    allows: (context, execution, args) => {
      const verdicts = shared.requests.of(context, execution);
      return (
        verdicts.of(guard.required) === 'allowed' && deniedInput(guard.inputs, args, shared.inputs, verdicts) === null
      );
    },
  });
  return guarded;
}

function wrapResolver(shared: GuardContext, guard: FieldGuard, resolve: Resolver): Resolver {
  const { requests } = shared;
  const { id } = guard.required;
  if (guard.inputs.length > 0) {
    return (source, args, context, info) => decide(shared, guard, resolve, [source, args, context, info]);
  }
  if (resolve === defaultFieldResolver) {
    return guardProperty(shared, guard);
  }
  return (source, args, context, info) =>
    requests.isAllowed(context, info, id)
      ? resolve(source, args, context, info)
      : decide(shared, guard, resolve, [source, args, context, info]);
}

/** Does what graphql-js's default resolver does, without a further call: this runs for every field of every row. */
function guardProperty(shared: GuardContext, guard: FieldGuard): Resolver {
  const { requests } = shared;
  const { id } = guard.required;
  const { name } = guard;
  return (source, args, context, info) => {
    if (requests.isAllowed(context, info, id) && isRecord(source)) {
      const property = source[name];
      return typeof property === 'function' ? property.call(source, args, context, info) : property;
    }
    return decide(shared, guard, defaultFieldResolver, [source, args, context, info]);
  };
}

/** Decides where the verdict is not known to be `allowed`: not judged yet, denied, or dependent on ownership. */
function decide(shared: GuardContext, guard: FieldGuard, resolve: Resolver, call: Parameters<Resolver>): unknown {
  const [, args, context, info] = call;
  const verdicts = shared.requests.of(context, info);
  checkBefore(shared, guard, verdicts, args, info);
  return verdicts.of(guard.required) === 'allowed'
    ? resolve(...call)
    : resolveOwned(shared, guard, verdicts, resolve, call);
}

/** Wraps an event source in its guard: a denied source is not opened. Ownership is judged at each event. */
export function guardSource(
  shared: GuardContext,
  guard: FieldGuard,
  subscribe: Resolver = defaultFieldResolver,
): Resolver {
  return (source, args, context, info) => {
    checkBefore(shared, guard, shared.requests.of(context, info), args, info);
    return subscribe(source, args, context, info);
  };
}

/** Wraps a resolver so that the viewer is read again before it: rights may change while a subscription lasts. */
export function renewing(shared: GuardContext, resolve: Resolver = defaultFieldResolver): Resolver {
  return (source, args, context, info) => {
    shared.requests.renew(context, info);
    return resolve(source, args, context, info);
  };
}

/** Denies what can be denied without looking at an object: the field itself, then what was supplied to it. */
function checkBefore(
  shared: GuardContext,
  { required, coordinate, requirements, inputs }: FieldGuard,
  verdicts: RequestVerdicts,
  args: object,
  info: GraphQLResolveInfo,
): void {
  if (verdicts.of(required) === 'denied') {
    throw deny(shared, verdicts, coordinate, requirements, info);
  }
  const denied = inputs.length === 0 ? null : deniedInput(inputs, args, shared.inputs, verdicts);
  if (denied !== null) {
    throw deny(shared, verdicts, denied.coordinate, denied.requirements, info);
  }
}

/** Resolves for a viewer who may own the object that has the field, or the objects that it returns. */
function resolveOwned(
  shared: GuardContext,
  { coordinate, requirements, depth }: FieldGuard,
  verdicts: RequestVerdicts,
  resolve: Resolver,
  call: Parameters<Resolver>,
): unknown {
  const [source, , context, info] = call;
  const owned = ownerRequirements(requirements, verdicts);
  const [onParent, onResult] = [owned.filter(isOnParent), owned.filter((one) => !isOnParent(one))];
  const owns = (judged: readonly Requirement[], object: unknown): MaybePromise<boolean> =>
    shared.owners.owns(judged, verdicts.grants.id, object, context, info);
  const result = chain(onParent.length === 0 || owns(onParent, source), (isOwner) => {
    if (isOwner === true) {
      return resolve(...call);
    }
    throw deny(shared, verdicts, coordinate, onParent, info);
  });
  const judged = (object: unknown): unknown =>
    chain(owns(onResult, object), (isOwner) =>
      isOwner === true ? object : deny(shared, verdicts, coordinate, onResult, info),
    );
  return onResult.length === 0 ? result : eachObject(result, depth, judged);
}

function isOnParent({ owner }: Requirement): boolean {
  return owner?.site === 'parent';
}

/**
 * Maps the objects within nested lists. Anything may stand for an object, a plain id too. graphql-js reports an Error in
 * an object's place at that object's path.
 */
function eachObject(value: unknown, depth: number, map: (object: unknown) => unknown): unknown {
  if (isPromise(value)) {
    return value.then((settled) => eachObject(settled, depth, map));
  }
  if (value === null || value === undefined || value instanceof Error) {
    return value;
  }
  if (depth > 0) {
    return isIterable(value) ? Array.from(value, (item) => eachObject(item, depth - 1, map)) : value;
  }
  try {
    return map(value);
  } catch (error) {
    return error instanceof Error ? error : new Error('The owner of an object could not be read', { cause: error });
  }
}
