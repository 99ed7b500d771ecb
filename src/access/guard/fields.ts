import {
  defaultFieldResolver,
  getNullableType,
  type GraphQLFieldConfig,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isListType,
} from 'graphql';
import { chain, isPromise, type MaybePromise } from '../values.ts';
import { deriveGuard } from './attached.ts';
import { type Call, deniedBefore, deniedByObject, deniedOn, type Info, NO_INFO, type Resolver } from './calls.ts';
import { deny, type GuardContext } from './denial.ts';
import { deniedInput, dependentInputs, type FieldGuard, type GuardedInput } from './inputs.ts';
import { mapObjects } from './lists.ts';
import { argumentsForResults, requirementsBySite } from './objects.ts';
import { observe, watch } from './observe.ts';
import type { AllowedIn, DeniedCoordinate, Execution, RequestVerdicts } from './requests.ts';

export type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

/** A check of a field that does not depend on its object: an executor makes it once, instead of at each object. */
export interface Precheck {
  /** The unguarded resolver. Where the field is allowed, calling it is the same as calling the guarded resolver. */
  readonly resolve: Resolver;
  /**
   * Reports if the viewer's roles and permissions allow the field and all that is supplied to it. If not, the guarded
   * resolver has to be called: it judges objects, denies, and reports the denial.
   */
  allows(context: unknown, execution: Execution, args: object): boolean;
}

const prechecks = new WeakMap<Resolver, Precheck>();

/** Returns the precheck of a resolver that `guardSchema` has guarded; null for any other resolver. */
export function precheckOf(resolver: Resolver): Precheck | null {
  return prechecks.get(resolver) ?? null;
}

/** Wraps a resolver, guarded or not, so that it is called with other arguments; its precheck stays. */
export function withArguments(resolve: Resolver, complete: (args: object) => object): Resolver {
  const precheck = precheckOf(resolve);
  const wrapped: Resolver = (source, args, context, info) => resolve(source, complete(args), context, info);
  if (precheck !== null) {
    prechecks.set(wrapped, {
      resolve: withArguments(precheck.resolve, complete),
      allows: (context, execution, supplied) => precheck.allows(context, execution, supplied),
    });
  }
  return deriveGuard(wrapped, resolve);
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
  prechecks.set(guarded, new FieldPrecheck(shared, guard, resolve));
  return guarded;
}

/** The precheck of a field; a class, since a schema has thousands. */
class FieldPrecheck implements Precheck {
  readonly resolve: Resolver;
  private readonly shared: GuardContext;
  private readonly guard: FieldGuard;

  constructor(shared: GuardContext, guard: FieldGuard, resolve: Resolver) {
    this.shared = shared;
    this.guard = guard;
    this.resolve = resolve;
  }

  allows(context: unknown, execution: Execution, args: object): boolean {
    const { shared, guard } = this;
    if (shared.observes) {
      return false; // The guarded resolver observes what would be denied.
    }
    const verdicts = shared.requests.peek(context, execution);
    return (
      verdicts.of(guard.required) === 'allowed' &&
      deniedInput(guard.inputs, args, shared.inputs, verdicts) === null &&
      dependentInputs(guard.inputs, args, shared.inputs, verdicts).length === 0
    );
  }
}

function wrapResolver(shared: GuardContext, guard: FieldGuard, resolve: Resolver): Resolver {
  if (guard.inputs.length > 0) {
    return (source, args, context, info: Info) =>
      judgeCall(shared, guard, resolve, [source, args, context, info ?? NO_INFO]);
  }
  const { name, required } = guard;
  return resolve === defaultFieldResolver
    ? guardProperty(shared, guard, name, required.allowedIn)
    : guardFunction(shared, guard, resolve, required.allowedIn);
}

/** Calls a resolver where the verdict is not known to be `allowed`. */
function judgeCall(shared: GuardContext, guard: FieldGuard, resolve: Resolver, call: Call): unknown {
  return shared.observes ? observe(shared, guard, resolve, call) : decide(shared, guard, resolve, call);
}

// The two below run for every field of every row. What they need are parameters of the function that creates them: V8 checks
// at each use of an outer `const` that it is initialized, and looks up at each use what another module exports.

function guardFunction(shared: GuardContext, guard: FieldGuard, resolve: Resolver, allowedIn: AllowedIn): Resolver {
  return (source, args, context, info: Info) =>
    allowedIn.variables === info?.variableValues && allowedIn.context === context
      ? resolve(source, args, context, info as GraphQLResolveInfo)
      : judgeCall(shared, guard, resolve, [source, args, context, info ?? NO_INFO]);
}

/** Does what graphql-js's default resolver does, without a further call. */
function guardProperty(shared: GuardContext, guard: FieldGuard, name: string, allowedIn: AllowedIn): Resolver {
  return (source, args, context, given: Info) => {
    const info = given ?? NO_INFO;
    if (
      allowedIn.variables === info.variableValues &&
      allowedIn.context === context &&
      typeof source === 'object' &&
      source !== null
    ) {
      const property: unknown = (source as Readonly<Record<string, unknown>>)[name];
      return typeof property === 'function' ? property.call(source, args, context, info) : property;
    }
    // An `info` that is made by hand may lack the name.
    const named = info.fieldName === name ? info : { ...info, fieldName: name };
    return judgeCall(shared, guard, defaultFieldResolver, [source, args, context, named]);
  };
}

/** Decides where the verdict is not known to be `allowed`: not judged yet, denied, or dependent on an object. */
function decide(shared: GuardContext, guard: FieldGuard, resolve: Resolver, call: Call): unknown {
  const [, args, context, info] = call;
  const verdicts = shared.requests.of(context, info);
  const denied = deniedBefore(shared, guard, verdicts, args);
  if (denied !== null) {
    return refuse(shared, verdicts, denied, info);
  }
  const inputs = dependentInputs(guard.inputs, args, shared.inputs, verdicts);
  if (verdicts.of(guard.required) !== 'allowed' || inputs.length > 0) {
    return resolveDependent(shared, guard, inputs, verdicts, resolve, call);
  }
  shared.requests.allow(guard.required, verdicts);
  return resolve(...call);
}

/**
 * Denies a field. The first error of a coordinate is thrown. Further ones are returned: executors report them as they
 * report thrown ones, at half the cost, since V8 never optimizes a function that always throws.
 */
function refuse(
  shared: GuardContext,
  verdicts: RequestVerdicts,
  denied: DeniedCoordinate,
  info: GraphQLResolveInfo,
): Error | null {
  const known = verdicts.denials.size;
  const error = deny(shared, verdicts, denied, { path: info.path, info });
  if (error !== null && verdicts.denials.size > known) {
    throw error;
  }
  return error;
}

/** Resolves where the object that has the field, or the objects that it returns, decide. */
function resolveDependent(
  shared: GuardContext,
  guard: FieldGuard,
  inputs: readonly GuardedInput[],
  verdicts: RequestVerdicts,
  resolve: Resolver,
  call: Call,
): unknown {
  const [source, args, context, info] = call;
  const { onParent, onResult } = requirementsBySite(guard, verdicts);
  const given = argumentsForResults(onResult.requirements, args);
  const place = { object: guard.isRoot ? null : source, args: given, context, info };
  const denied = deniedOn(shared, onParent, inputs, verdicts, place);
  if (denied !== null && !isPromise(denied)) {
    return refuse(shared, verdicts, denied, info);
  }
  const result =
    denied === null
      ? resolve(...call)
      : denied.then((found) => (found === null ? resolve(...call) : refuse(shared, verdicts, found, info)));
  return onResult.requirements.length === 0
    ? result
    : mapObjects(result, guard.depth, info.path, (object, path) => {
        const allowed = shared.judgeObject(onResult.requirements, verdicts, { ...place, object });
        return chain(allowed, (isAllowed) => (isAllowed ? object : deny(shared, verdicts, onResult, { path, info })));
      });
}

/**
 * Wraps an event source in its guard: a denied source is not opened, even if only a policy denies it. Objects are judged at each
 * event.
 */
export function guardSource(
  shared: GuardContext,
  guard: FieldGuard,
  subscribe: Resolver = defaultFieldResolver,
): Resolver {
  return (source, args, context, given: Info) => {
    const info = given ?? NO_INFO;
    const judge = (): MaybePromise<Error | null> => {
      const verdicts = shared.requests.of(context, info);
      const before = deniedBefore(shared, guard, verdicts, args);
      const denied = before ?? deniedByObject(shared, guard, verdicts, { object: null, args, context, info });
      return chain(denied, (found) =>
        found === null ? null : deny(shared, verdicts, found, { path: info.path, info, isPlacedByExecutor: true }),
      );
    };
    const open = (): unknown => subscribe(source, args, context, info);
    if (shared.observes) {
      watch(shared, judge);
      return open();
    }
    return chain(judge(), (error) => {
      if (error !== null) {
        throw error;
      }
      return open();
    });
  };
}

/** Wraps a resolver so that the viewer is read again before it: rights may change while a subscription lasts. */
export function renewing(shared: GuardContext, resolve: Resolver = defaultFieldResolver): Resolver {
  return (source, args, context, given: Info) => {
    const info = given ?? NO_INFO;
    if (shared.observes) {
      watch(shared, () => shared.requests.renew(context, info));
    } else {
      shared.requests.renew(context, info);
    }
    return resolve(source, args, context, info);
  };
}
