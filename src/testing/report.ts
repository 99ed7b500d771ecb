/** One attack whose outcome is not the one that the policy requires. */
export interface AttackFailure {
  /** The attacked coordinate: `Type.field`, `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  /** The attacker: a role, `anonymous`, `signed in`, or `permission "…"`. */
  readonly viewer: string;
  /** The query variant, and the source of its data. */
  readonly way: string;
  readonly operation: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly expected: string;
  readonly actual: string;
}

/** The outcome of all attacks. */
export interface AttackReport {
  /** The number of operations that were executed, or sent. */
  readonly tried: number;
  /** The number of operations in which something had to be denied. */
  readonly denied: number;
  /** The number of operations that had to reach their target. */
  readonly allowed: number;
  /** The coordinates that no operation can reach, because nothing returns their type. */
  readonly unreachable: readonly string[];
  readonly failures: readonly AttackFailure[];
}

/** Counts attacks while they run. */
export class AttackLog {
  readonly #unreachable = new Set<string>();
  readonly #failures: AttackFailure[] = [];
  #denied = 0;
  #allowed = 0;

  count(isDenied: boolean): void {
    if (isDenied) {
      this.#denied += 1;
    } else {
      this.#allowed += 1;
    }
  }

  get failed(): number {
    return this.#failures.length;
  }

  fail(failure: AttackFailure): void {
    this.#failures.push(failure);
  }

  miss(coordinate: string): void {
    this.#unreachable.add(coordinate);
  }

  report(): AttackReport {
    return {
      tried: this.#denied + this.#allowed,
      denied: this.#denied,
      allowed: this.#allowed,
      unreachable: [...this.#unreachable].sort(),
      failures: this.#failures,
    };
  }
}

/** Returns the report on a schema that cannot be attacked, because its policy cannot be read. */
export function refusedReport(problems: readonly { coordinate: string; message: string }[]): AttackReport {
  const failures = problems.map(({ coordinate, message }) => ({
    coordinate,
    viewer: '',
    way: 'readPolicy',
    operation: '',
    variables: {},
    expected: 'a policy that can be enforced',
    actual: message,
  }));
  return { tried: 0, denied: 0, allowed: 0, unreachable: [], failures };
}
