import DataLoader from 'dataloader';

/** Loads the values of many keys at once, in the order of the keys. `input` is the same for all of them. */
export type Batch<Context, Key, Value, Input = undefined> = (
  context: Context,
  keys: readonly Key[],
  input: Input,
) => Promise<readonly (Value | Error)[]>;

/**
 * The data loaders of one operation: one statement a relation, however many rows ask for it. A loader is identified by
 * its batch function and created on first use, so a new relation needs no entry in a central file.
 */
export class Loaders<Context> {
  readonly #context: () => Context;
  readonly #created = new Map<unknown, Map<string, unknown>>();

  /** @param context called by batches only, so that the context may hold these loaders itself */
  constructor(context: () => Context) {
    this.#context = context;
  }

  /** Returns the operation's loader of a batch function. */
  of<Key, Value>(batch: Batch<Context, Key, Value>): DataLoader<Key, Value> {
    return this.ofInput(batch, undefined, '');
  }

  /**
   * Returns the operation's loader of a batch function that takes an input besides the keys.
   *
   * @param variant identifies the input: equal inputs have equal variants
   */
  ofInput<Key, Value, Input>(
    batch: Batch<Context, Key, Value, Input>,
    input: Input,
    variant: string,
  ): DataLoader<Key, Value> {
    const variants = this.#created.get(batch) ?? new Map<string, unknown>();
    this.#created.set(batch, variants);
    const loader =
      (variants.get(variant) as DataLoader<Key, Value> | undefined) ??
      new DataLoader<Key, Value>((keys) => batch(this.#context(), keys, input));
    variants.set(variant, loader);
    return loader;
  }
}
