import { type Arbitrary, array, nat } from 'fast-check';

/** Choices, one after the other; the first one is made once the tape has run out. Shorter tapes make simpler things. */
export class Tape {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** A number below `count`. */
  below(count: number): number {
    const number = this.#numbers[this.#at] ?? 0;
    this.#at += 1;
    return number % Math.max(1, count);
  }

  /** True once in so many times. */
  oneIn(count: number): boolean {
    return this.below(count) === count - 1;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  /** Some of the items, perhaps none. */
  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.oneIn(2));
  }

  /** The items in some order. */
  shuffle<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.below(1_000) }));
    return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
  }
}

export const numbers: Arbitrary<number[]> = array(nat({ max: 65_535 }), {
  minLength: 0,
  maxLength: 400,
  size: 'max',
});
