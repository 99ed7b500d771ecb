import type { GraphQLResolveInfo } from 'graphql';
import type { Verdict } from '../policy/judge.ts';
import { closedInput } from './inputs.ts';
import type { FieldGuard } from './fields.ts';
import type { GuardKit } from './kit.ts';
import type { Resolver } from './own.ts';

/** What identifies an execution to its guards: the variables are an object that every executor makes anew. */
export type Execution = Pick<GraphQLResolveInfo, 'variableValues'>;

/**
 * The way through a field's guard, for an executor that judges before it runs anything, and lets another start anew at the
 * first refusal.
 */
export interface Passage {
  /** What the guard stands before: with `yes`, calling it is what calling the guarded resolver would be. */
  readonly resolve: Resolver;
  /**
   * Whether the keys of the viewer open the field and all that is supplied to it: for `own` it is up to the guarded
   * resolver. From then on nobody is told of what this execution is refused, since that is refused again.
   */
  judge(context: unknown, execution: Execution, args: object): Verdict;
}

const passages = new WeakMap<Resolver, Passage>();

/** Remembers the way through a guarded resolver, which is returned. */
export function withPassage(
  guarded: Resolver,
  kit: GuardKit,
  { gate, inputs }: FieldGuard,
  resolve: Resolver,
): Resolver {
  passages.set(guarded, {
    resolve,
    judge: (context, execution, args) => {
      const verdicts = kit.requests.of(context, execution);
      verdicts.isTold = false;
      return closedInput(inputs, args, kit.inputs, verdicts) === null ? verdicts.of(gate) : 'no';
    },
  });
  return guarded;
}

/** The way through a resolver's guard; null if it is not one of `guardSchema`. */
export function passageOf(resolver: Resolver): Passage | null {
  return passages.get(resolver) ?? null;
}
