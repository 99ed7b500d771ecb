import type { GraphQLResolveInfo } from 'graphql';
import { satisfies } from '../policy/judge.ts';
import type { Requirement } from '../policy/requirements.ts';
import type { AccessViewer } from '../policy/viewer.ts';
import { chain, isPromise, type MaybePromise } from '../values.ts';
import type { FieldGuard } from './inputs.ts';
import { type Owners, requireOwnObject } from './owners.ts';
import type { BySite, RequestVerdicts } from './requests.ts';

/** The input of a policy function. */
export interface PolicyInput<Context = unknown> {
  readonly viewer: AccessViewer;
  /** The object that has the field, or that a field returns; null at fields of a root type. */
  readonly object: unknown;
  /** The arguments of the field. */
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

/** Creates the judge of a schema's objects: every requirement must be satisfied by one of its owners or policies. */
export function createObjectJudge(
  owners: Owners,
  policies: Readonly<Record<string, PolicyFunction<never>>>,
): ObjectJudge {
  const isOwned = (requirement: Requirement, verdicts: RequestVerdicts, place: ObjectPlace): MaybePromise<boolean> => {
    const { id } = verdicts.grants;
    return id === null
      ? false
      : anyOf(requirement.owners, (owner) =>
          chain(owners.idOf(owner, place.object, place.context, place.info), (text) => text === id),
        );
  };
  const isSatisfied = (requirement: Requirement, verdicts: RequestVerdicts, place: ObjectPlace) =>
    chain(isOwned(requirement, verdicts, place), (owned) => {
      if (owned) {
        return true;
      }
      const { args, context, info } = place;
      if (requirement.policies.length > 0) {
        requireOwnObject(place.object, 'The object that a policy judges');
      }
      const input = { viewer: verdicts.viewer, object: place.object ?? null, args, context, info };
      return anyOf(requirement.policies, (name) =>
        chain(policies[name]?.(input as never), (allowed) => allowed === true),
      );
    });
  return (requirements, verdicts, place) =>
    chain(
      anyOf(requirements, (requirement) => chain(isSatisfied(requirement, verdicts, place), (satisfied) => !satisfied)),
      (unsatisfied) => !unsatisfied,
    );
}

/** Tells whether a condition holds for one of several items; they are tried in turn, and none after one for which it holds. */
function anyOf<Item>(
  items: readonly Item[],
  condition: (item: Item) => MaybePromise<boolean>,
  from = 0,
): MaybePromise<boolean> {
  for (let index = from; index < items.length; index += 1) {
    const holds = condition(items[index] as Item);
    if (isPromise(holds)) {
      return holds.then((settled) => settled || anyOf(items, condition, index + 1));
    }
    if (holds) {
      return true;
    }
  }
  return false;
}
