import { type Gate, judge, type Verdict } from '../policy/judge.ts';
import type { Keyring } from '../policy/viewer.ts';
import type { Execution } from './passage.ts';

/** A gate and its place among all gates of a schema. */
export interface NumberedGate extends Gate {
  readonly id: number;
}

/** What is remembered of a gate: nothing (0), or the verdict's place in this list. */
const VERDICTS = [null, 'yes', 'own', 'no'] as const satisfies (Verdict | null)[];
const YES = VERDICTS.indexOf('yes');

/** What has been decided during one execution. */
export class RequestVerdicts {
  readonly by: Requests;
  readonly context: unknown;
  readonly keyring: Keyring;
  /** By the gates' numbers. */
  readonly codes: Uint8Array;
  /** Whether somebody is told of refusals. */
  isTold = true;

  constructor(by: Requests, context: unknown, keyring: Keyring, gates: number) {
    this.by = by;
    this.context = context;
    this.keyring = keyring;
    this.codes = new Uint8Array(gates);
  }

  /** Judges a gate, once. */
  of(gate: NumberedGate): Verdict {
    const known = VERDICTS[this.codes[gate.id] ?? 0];
    if (known) {
      return known;
    }
    const verdict = judge(gate, this.keyring);
    this.codes[gate.id] = VERDICTS.indexOf(verdict);
    return verdict;
  }
}

/**
 * Keeps verdicts by execution, so that the viewer is asked for once in each and none outlives it. An execution is known
 * by its coerced variables, an object that every executor makes anew, together with its context: one context shared by
 * several operations, or none at all, never carries a verdict from one viewer to another.
 */
export class Requests {
  private readonly keyringOf: (context: unknown) => Keyring;
  private readonly gates: () => number;
  // The execution that was seen last, flat and without `#`: this is read for every field of every row.
  private variables: unknown = this;
  private context: unknown = this;
  private codes: Uint8Array = new Uint8Array(0);

  /** @param gates tells how many gates there are, once they have been numbered */
  constructor(keyringOf: (context: unknown) => Keyring, gates: () => number) {
    this.keyringOf = keyringOf;
    this.gates = gates;
  }

  /** Whether it is decided already that the viewer's keys open the gate. */
  isOpen(context: unknown, info: Execution, gate: number): boolean {
    return this.variables === info.variableValues && this.context === context && this.codes[gate] === YES;
  }

  /** The verdicts of the execution that a resolver runs in. */
  of(context: unknown, info: Execution): RequestVerdicts {
    const known = isObject(info.variableValues) ? Noted.on(info.variableValues, this, context) : undefined;
    if (known === undefined) {
      return this.renew(context, info);
    }
    this.remember(info.variableValues, known);
    return known;
  }

  /** Forgets them and asks anew who the viewer is: a subscription lives on when its viewer's rights have changed. */
  renew(context: unknown, info: Execution): RequestVerdicts {
    const verdicts = new RequestVerdicts(this, context, this.keyringOf(context), this.gates());
    if (isObject(info.variableValues)) {
      Noted.note(info.variableValues, verdicts);
      this.remember(info.variableValues, verdicts);
    }
    return verdicts;
  }

  private remember(variables: object, { context, codes }: RequestVerdicts): void {
    this.variables = variables;
    this.context = context;
    this.codes = codes;
  }
}

/** Constructs what it is given. */
const Given = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/**
 * Variables with a private field for verdicts, which lives and dies with them. A WeakMap would do the same, but young
 * objects that are its values stay, with all they refer to, until the next full garbage collection of V8: here that
 * would be each request.
 */
class Noted extends Given {
  /** The last ones of each guard, and each context. */
  #verdicts: RequestVerdicts[] = [];

  static on(variables: object, by: Requests, context: unknown): RequestVerdicts | undefined {
    return #verdicts in variables ? variables.#verdicts.find(isOf(by, context)) : undefined;
  }

  static note(variables: object, verdicts: RequestVerdicts): void {
    const noted = #verdicts in variables ? variables : new Noted(variables);
    const isOutdated = isOf(verdicts.by, verdicts.context);
    noted.#verdicts = [...noted.#verdicts.filter((known) => !isOutdated(known)), verdicts];
  }
}

function isOf(by: Requests, context: unknown): (verdicts: RequestVerdicts) => boolean {
  return (verdicts) => verdicts.by === by && verdicts.context === context;
}

/** A resolver that is called by hand may be given none; then nothing is remembered. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
