import { type FormattedExecutionResult, type GraphQLFormattedError, print, type DocumentNode } from 'graphql';
import { afterEach } from 'vitest';

/** Operations whose outcome no test has asked for yet. */
const unasked = new Set<Answer<unknown>>();

/** Fails when a test leaves an operation without saying what it expects of it. Runs after each test. */
export function requireAllAsked(): void {
  const forgotten = [...unasked];
  unasked.clear();
  if (forgotten.length > 0) {
    throw new Error(`Say whether data or errors are expected of:\n${forgotten.map(String).join('\n')}`);
  }
}

afterEach(requireAllAsked);

/**
 * The outcome of an operation, which runs when the test says what it expects: {@link Answer.data},
 * {@link Answer.errors} or {@link Answer.partial}. A mismatch prints the operation. A test that asks nothing fails.
 */
export class Answer<Data> {
  readonly #document: DocumentNode | string;
  readonly #run: () => Promise<FormattedExecutionResult>;

  constructor(document: DocumentNode | string, run: () => Promise<FormattedExecutionResult>) {
    this.#document = document;
    this.#run = run;
    unasked.add(this);
  }

  /** The data of an operation that succeeds in all its parts. */
  async data(): Promise<Data> {
    const { data, errors = [] } = await this.#result();
    if (errors.length > 0 || data === null || data === undefined) {
      throw new Error(`Data was expected, and there are errors: ${JSON.stringify(errors, null, 2)}\n${String(this)}`);
    }
    return data as Data;
  }

  /** The errors of an operation that fails in some part. */
  async errors(): Promise<readonly GraphQLFormattedError[]> {
    return (await this.partial()).errors;
  }

  /** The codes of the errors, in the order of the answer. */
  async codes(): Promise<unknown[]> {
    return (await this.errors()).map(({ extensions }) => extensions?.['code']);
  }

  /** Returns the remaining data and the errors of an operation that fails in part. */
  async partial(): Promise<{ data: Data | null; errors: readonly GraphQLFormattedError[] }> {
    const { data, errors = [] } = await this.#result();
    if (errors.length === 0) {
      throw new Error(`Errors were expected, and there are none: ${JSON.stringify(data, null, 2)}\n${String(this)}`);
    }
    return { data: (data ?? null) as Data | null, errors };
  }

  toString(): string {
    return typeof this.#document === 'string' ? this.#document : print(this.#document);
  }

  #result(): Promise<FormattedExecutionResult> {
    unasked.delete(this);
    return this.#run();
  }
}
