/** Decides by a seed what happens at each path, so that two executions meet the same. */
export class Behaviour {
  readonly #seed: number;
  readonly #trouble: number;

  /** @param trouble how often something goes wrong: 0 never, 1 as often as anything else */
  constructor(seed: number, trouble: number) {
    this.#seed = seed;
    this.#trouble = trouble;
  }

  /** At least 0, less than 1; the same for the same text (FNV-1a, mixed). */
  roll(text: string): number {
    let hash = 0x811c9dc5 ^ this.#seed;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
    return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
  }

  isBelow(text: string, chance: number): boolean {
    return this.roll(text) < chance;
  }

  pick<Item>(text: string, items: readonly Item[]): Item {
    return items[Math.floor(this.roll(text) * items.length)] as Item;
  }

  /** Returns what a resolver returns for a value: now, later, or never; or throws. */
  given(value: () => unknown, path: string, isItem = false): unknown {
    const roll = this.roll(`${path}?`);
    const trouble = 0.12 * this.#trouble;
    if (roll < trouble) {
      return this.#fail(path, isItem || this.isBelow(`${path}^`, 0.5));
    }
    const delay = this.roll(`${path}@`);
    if (delay < 0.6) {
      return value();
    }
    if (delay < 0.7) {
      return Promise.resolve().then(value);
    }
    if (delay < 0.82) {
      return afterTicks(1 + Math.floor(this.roll(`${path}#`) * 6), value);
    }
    if (delay < 0.88) {
      return new Promise((resolve) => setImmediate(resolve)).then(value);
    }
    if (delay < 0.9) {
      return new Promise((resolve) => process.nextTick(resolve)).then(value);
    }
    if (delay < 0.91) {
      return new SlowPromise((resolve) => resolve(value()));
    }
    return delay < 0.94 ? thenable(value, delay < 0.92) : value();
  }

  #fail(path: string, isLater: boolean): unknown {
    const error = this.pick(`${path}!`, ERRORS)(path);
    if (isLater) {
      return this.isBelow(`${path}$`, 0.5)
        ? Promise.reject(error)
        : afterTicks(1 + Math.floor(this.roll(`${path}#`) * 8), () => {
            throw error;
          });
    }
    throw error;
  }

  /** Something in the place of a value, now and then. */
  instead(path: string, isNonNull: boolean): { value: unknown } | undefined {
    const roll = this.roll(`${path}=`);
    const trouble = this.#trouble;
    if (roll < (isNonNull ? 0.03 : 0.08) * (isNonNull ? trouble : 1)) {
      return { value: this.isBelow(`${path}0`, 0.5) ? null : undefined };
    }
    return roll > 1 - 0.02 * trouble ? { value: new Error(`returned at ${path}`) } : undefined;
  }

  list(path: string, item: (index: number) => unknown): unknown {
    const length = Math.floor(this.roll(`${path}|`) * 4);
    const items = (): unknown[] => Array.from({ length }, (_, index) => item(index));
    const roll = this.roll(`${path}{`);
    const trouble = this.#trouble;
    if (roll < 0.03 * trouble) {
      return 'no list';
    }
    if (roll < 0.06 * trouble) {
      return { length: 1, 0: 1 };
    }
    if (roll < 0.12 * trouble) {
      return (function* () {
        yield* items();
        throw new Error(`iterated at ${path}`);
      })();
    }
    return roll < 0.2 ? new Set(items()) : items();
  }

  leaf(type: string, path: string): unknown {
    const isBad = this.isBelow(`${path};`, 0.08 * this.#trouble);
    const values = (isBad ? BAD : GOOD)[type] ?? ['?'];
    return this.pick(`${path}:`, values);
  }

  resolveType(value: unknown, path: string): unknown {
    const { kind } = value as { kind: string };
    return this.#perhaps(`type ${path}`, kind, [undefined, 'Missing', 'Color', 'Checked', 7, { name: kind }]);
  }

  isTypeOf(value: unknown, path: string): unknown {
    return this.#perhaps(`is ${path}`, (value as { kind: string }).kind === 'Checked', [false, '', null]);
  }

  #perhaps(text: string, right: unknown, wrong: readonly unknown[]): unknown {
    const roll = this.roll(text);
    const trouble = this.#trouble;
    const result = roll < 0.12 * trouble ? this.pick(`${text}!`, wrong) : right;
    return this.given(() => result, text);
  }
}

class SlowPromise<Value> extends Promise<Value> {}

function thenable(value: () => unknown, isSync: boolean): PromiseLike<unknown> {
  const then = (resolve: (value: unknown) => unknown, reject?: (error: unknown) => unknown): unknown => {
    if (isSync) {
      return resolve(value());
    }
    return Promise.resolve().then(value).then(resolve, reject);
  };
  // oxlint-disable-next-line unicorn/no-thenable -- not a promise, and waited for all the same
  return { then } as PromiseLike<unknown>;
}

async function afterTicks(ticks: number, value: () => unknown): Promise<unknown> {
  for (let tick = 0; tick < ticks; tick++) {
    await Promise.resolve();
  }
  return value();
}

const ERRORS: readonly ((path: string) => unknown)[] = [
  (path) => new Error(`failed at ${path}`),
  (path) => new TypeError(`failed at ${path}`),
  (path) => Object.assign(new Error(`coded at ${path}`), { extensions: { code: 'ODD', path } }),
  (path) => `text at ${path}`,
  () => undefined,
  () => null,
  () => ({ reason: 'none', deep: { er: [1, 2] } }),
  (path) => Object.assign(new Error(`located at ${path}`), { path: ['elsewhere', 1] }),
  (path) => Object.defineProperty(new Error(path), 'message', { get: () => unreadable(path) }),
];

function unreadable(path: string): never {
  throw new Error(`unreadable at ${path}`);
}

const GOOD: Readonly<Record<string, readonly unknown[]>> = {
  Int: [0, 1, -7, '3', true],
  Float: [0.5, 1, '2.5'],
  String: ['text', '', 5, true],
  ID: ['1', '2', 7],
  Odd: ['odd', 0, false, { deep: [1] }, new Date(0), () => 'made', () => Promise.resolve('late'), NaN],
};

const BAD: Readonly<Record<string, readonly unknown[]>> = {
  Int: [1.5, 'x', {}, 2 ** 40, NaN],
  Float: ['x', {}, Infinity],
  String: [{}, [], Symbol('odd'), () => 1],
  ID: [{}, 1.5, true],
  Odd: [
    () => null,
    () => undefined,
    () => {
      throw new RangeError('no leaf');
    },
    () => Promise.reject(new Error('late leaf')),
    () => Promise.resolve(null),
    () => afterTicks(3, () => unreadable('leaf')),
  ],
};
