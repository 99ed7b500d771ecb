import type { GraphQLResolveInfo } from 'graphql';
import { satisfies } from '../policy/judge.ts';
import type { Requirement } from '../policy/requirements.ts';
import type { AccessViewer } from '../policy/viewer.ts';
import { chain, isPromise, type MaybePromise } from '../values.ts';
import type { Owners } from './owners.ts';
import type { RequestVerdicts } from './requests.ts';

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

/** Creates the judge of a schema's objects: every requirement must be satisfied by one of its owners or policies. */
export function createObjectJudge(
  owners: Owners,
  policies: Readonly<Record<string, PolicyFunction<never>>>,
): ObjectJudge {
  const isSatisfied = (requirement: Requirement, verdicts: RequestVerdicts, place: ObjectPlace) =>
    anyOf([
      ...requirement.owners.map((owner) => () => {
        const { id } = verdicts.grants;
        const found = id === null ? null : owners.idOf(owner, place.object, place.context, place.info);
        return chain(found, (text) => text !== null && text === id);
      }),
      ...requirement.policies.map((name) => () => {
        const { object, args, context, info } = place;
        const input = { viewer: verdicts.viewer, object: object ?? null, args, context, info };
        return chain(policies[name]?.(input as never), (allowed) => allowed === true);
      }),
    ]);
  return (requirements, verdicts, place) =>
    chain(
      anyOf(
        requirements.map(
          (requirement) => () => chain(isSatisfied(requirement, verdicts, place), (satisfied) => satisfied !== true),
        ),
      ),
      (unsatisfied) => unsatisfied !== true,
    );
}

/** Tells whether one of several conditions holds; they are tried in turn, and none after one that holds. */
function anyOf(conditions: readonly (() => MaybePromise<boolean>)[]): MaybePromise<boolean> {
  for (const [index, condition] of conditions.entries()) {
    const holds = condition();
    if (isPromise(holds)) {
      return holds.then((settled) => settled || anyOf(conditions.slice(index + 1)));
    }
    if (holds) {
      return true;
    }
  }
  return false;
}
