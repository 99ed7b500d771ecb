import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { chain, isPromise, type MaybePromise } from '../values.ts';
import type { GuardContext } from './denial.ts';
import { deniedInput, dependentInputs, type FieldGuard, type GuardedInput } from './inputs.ts';
import { type ObjectPlace, objectRequirements, requirementsBySite } from './objects.ts';
import type { DeniedCoordinate, RequestVerdicts } from './requests.ts';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** The `info` that a resolver gets: none, if it is called by hand. */
export type Info = GraphQLResolveInfo | undefined;

/** Stands for an `info` that is missing: the resolver is judged by the context alone. */
export const NO_INFO = Object.freeze({}) as GraphQLResolveInfo;

/** The arguments with which an executor calls a resolver. */
export type Call = Parameters<Resolver>;

/** The denials that need no object: of the field itself, then of the arguments that were supplied. */
export function deniedBefore(
  shared: GuardContext,
  guard: FieldGuard,
  verdicts: RequestVerdicts,
  args: object,
): DeniedCoordinate | null {
  const { required, inputs } = guard;
  if (verdicts.of(required) === 'denied') {
    return guard;
  }
  return deniedInput(inputs, args, shared.inputs, verdicts);
}

/** Returns what is denied on the object that has the field, which roles and permissions alone do not deny. */
export function deniedByObject(
  shared: GuardContext,
  guard: FieldGuard,
  verdicts: RequestVerdicts,
  place: ObjectPlace,
): MaybePromise<DeniedCoordinate | null> {
  const inputs = dependentInputs(guard.inputs, place.args, shared.inputs, verdicts);
  return deniedOn(shared, requirementsBySite(guard, verdicts).onParent, inputs, verdicts, place);
}

/** Returns the first that is denied on an object: the field itself, or an argument that was supplied to it. */
export function deniedOn(
  shared: GuardContext,
  own: DeniedCoordinate,
  inputs: readonly GuardedInput[],
  verdicts: RequestVerdicts,
  place: ObjectPlace,
): MaybePromise<DeniedCoordinate | null> {
  const allowed = own.requirements.length === 0 || shared.judgeObject(own.requirements, verdicts, place);
  if (inputs.length === 0 && !isPromise(allowed)) {
    return allowed ? null : own;
  }
  const supplied = inputs.map(({ coordinate, requirements }) => ({
    coordinate,
    requirements: objectRequirements(requirements, verdicts),
  }));
  return chain(allowed, (isAllowed) =>
    isAllowed ? firstDenied(supplied, ({ requirements }) => shared.judgeObject(requirements, verdicts, place)) : own,
  );
}

/** Returns the first of several that is not allowed; they are tried in turn. */
function firstDenied<Item>(
  items: readonly Item[],
  isAllowed: (item: Item) => MaybePromise<boolean>,
): MaybePromise<Item | null> {
  for (const [index, item] of items.entries()) {
    const allowed = isAllowed(item);
    if (isPromise(allowed)) {
      return allowed.then((settled) => (settled ? firstDenied(items.slice(index + 1), isAllowed) : item));
    }
    if (!allowed) {
      return item;
    }
  }
  return null;
}
