import type { GraphQLResolveInfo } from 'graphql';
import { type Gate, judge, type Verdict } from '../policy/judge.ts';
import type { RoleClosure } from '../policy/roles.ts';
import { type AccessViewer, type Keyring, keyringOf } from '../policy/viewer.ts';

/** A gate and its place among all gates of a schema. */
export interface NumberedGate extends Gate {
  readonly id: number;
}

/** What has been decided during one execution. */
export class RequestVerdicts {
  readonly context: unknown;
  readonly keyring: Keyring;
  readonly #verdicts: (Verdict | undefined)[] = [];

  constructor(context: unknown, keyring: Keyring) {
    this.context = context;
    this.keyring = keyring;
  }

  /** Judges a gate once. */
  of(gate: NumberedGate): Verdict {
    return (this.#verdicts[gate.id] ??= judge(gate, this.keyring));
  }
}

/** Finds the verdicts of the execution that a resolver runs in. */
export interface Requests {
  of(context: unknown, info: GraphQLResolveInfo): RequestVerdicts;
  /** Forgets them and asks anew who the viewer is: a subscription lives on when its viewer's rights have changed. */
  renew(context: unknown, info: GraphQLResolveInfo): RequestVerdicts;
}

/**
 * Keeps verdicts by execution, so that `viewer` is asked once in each and none outlives it. An execution is known by
 * its coerced variables, an object that every executor makes anew, together with its context: one context shared by
 * several operations, or none at all, never carries a verdict from one viewer to another.
 */
export function trackRequests(viewer: (context: unknown) => AccessViewer, roles: RoleClosure): Requests {
  const known = new WeakMap<object, RequestVerdicts>();
  const renew = (context: unknown, info: GraphQLResolveInfo): RequestVerdicts => {
    const verdicts = new RequestVerdicts(context, keyringOf(viewer(context), roles));
    if (isObject(info.variableValues)) {
      known.set(info.variableValues, verdicts);
    }
    return verdicts;
  };
  const of = (context: unknown, info: GraphQLResolveInfo): RequestVerdicts => {
    const verdicts = known.get(info.variableValues);
    return verdicts !== undefined && verdicts.context === context ? verdicts : renew(context, info);
  };
  return { of, renew };
}

/** A resolver called by hand may have none; then nothing is remembered. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
