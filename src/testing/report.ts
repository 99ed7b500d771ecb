/** One attack whose outcome is not what the policy says. */
export interface AttackFailure {
  /** What was attacked: `Type.field`, `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  /** Who attacked: a role, `anonymous`, `signed in`, or `permission "…"`. */
  readonly viewer: string;
  /** How: the style of the operation, and where its data comes from. */
  readonly way: string;
  readonly operation: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly expected: string;
  readonly actual: string;
}

/** What became of all attacks. */
export interface AttackReport {
  /** How many operations were executed, or sent. */
  readonly tried: number;
  /** How many of them had to be refused somewhere. */
  readonly denied: number;
  /** How many of them had to reach what they were after. */
  readonly allowed: number;
  /** Coordinates that no operation can reach: nothing returns their type. */
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

/** The report on a schema that cannot be attacked, since nothing can be served from it. */
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
