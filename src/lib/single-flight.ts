/** Work that runs once at a time: callers that arrive while it runs get the result of that run. */
export class SingleFlight<Result> {
  readonly #work: () => Promise<Result>;
  #running: Promise<Result> | null = null;

  constructor(work: () => Promise<Result>) {
    this.#work = work;
  }

  /** The run that has not finished, or null. */
  get running(): Promise<Result> | null {
    return this.#running;
  }

  /** Starts the work, unless it runs already. */
  run(): Promise<Result> {
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }
}
