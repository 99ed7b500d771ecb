import type { GraphQLResolveInfo } from 'graphql';
import { closedInput } from './inputs.ts';
import type { FieldGuard } from './fields.ts';
import type { GuardKit } from './kit.ts';
import type { Resolver } from './own.ts';

/** What identifies an execution to its guards: the variables are an object that every executor makes anew. */
export type Execution = Pick<GraphQLResolveInfo, 'variableValues'>;

/**
 * The way through a field's guard, for an executor that judges before it runs anything: while it is open, whatever the
 * object, calling `resolve` is what calling the guarded resolver would be.
 */
export interface Passage {
  /** What the guard stands before. */
  readonly resolve: Resolver;
  /** Whether role and permission keys open the field and all that is supplied to it. Tells nobody of a refusal. */
  isOpen(context: unknown, execution: Execution, args: object): boolean;
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
    isOpen: (context, execution, args) => {
      const verdicts = kit.requests.of(context, execution);
      return verdicts.of(gate) === 'yes' && closedInput(inputs, args, kit.inputs, verdicts) === null;
    },
  });
  return guarded;
}

/** The way through a resolver's guard; null if it is not one of `guardSchema`. */
export function passageOf(resolver: Resolver): Passage | null {
  return passages.get(resolver) ?? null;
}
