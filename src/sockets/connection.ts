import type { BaseContext } from '@apollo/server';
import { SingleFlight } from '../lib/single-flight.ts';
import { CLOSE, closeCodeOf } from './socket.ts';
import type { ConnectionSource, Identity, LiveParts } from './options.ts';

/** The time after which an identity is checked again, even if the access version is unchanged, in milliseconds. */
const BELIEVED_FOR = 60_000;

/** A subscription, as its connection knows it. */
export interface Revisable<Context> {
  /** Checks that it could be opened for this identity, and ends it if not. */
  readonly revise: (identity: Identity<Context>) => Promise<void>;
  readonly end: () => void;
}

/** The last identity of a connection. */
interface Known<Context> {
  readonly identity: Identity<Context>;
  /** The access version at that time, and the time. */
  readonly version: number | null;
  readonly at: number;
}

/**
 * The connection of one client. It is authenticated again whenever a viewer's rights may have changed, and before each event; when the
 * credential has ended, the connection is closed.
 */
export class LiveConnection<Context extends BaseContext> {
  readonly id: string;
  readonly operations = new Set<Revisable<Context>>();
  readonly #parts: LiveParts<Context>;
  readonly #close: (code: number, reason: string) => void;
  #source: ConnectionSource;
  #known: Known<Context> | null = null;
  /** Authenticates once for all callers at the same time. */
  readonly #identifying = new SingleFlight(() => this.#identify());
  #isOver = false;

  constructor(
    id: string,
    parts: LiveParts<Context>,
    source: ConnectionSource,
    close: (code: number, reason: string) => void,
  ) {
    this.id = id;
    this.#parts = parts;
    this.#source = source;
    this.#close = close;
  }

  /** Authenticates the connection. Returns false if that fails. */
  async connect(parameters: Readonly<Record<string, unknown>>): Promise<boolean> {
    const offered = Object.entries(parameters).filter(([name]) => name.toLowerCase() === 'authorization');
    if (!offered.every(([, value]) => typeof value === 'string')) {
      this.end(CLOSE.badRequest, 'The authorization must be a text');
      return false;
    }
    const headers = offered.flatMap(([, value]) => ['authorization', String(value)]);
    this.#source = { ...this.#source, rawHeaders: [...this.#source.rawHeaders, ...headers] };
    return (await this.#identifying.run()) !== null;
  }

  /** Returns the identity at this time; null if authentication fails: then the connection is closed. */
  async identity(): Promise<Identity<Context> | null> {
    return this.#isOver ? null : this.#isKnown() ? (this.#known?.identity ?? null) : this.#identifying.run();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** True if the connection is to authenticate again. */
  get isStale(): boolean {
    return this.#known !== null && !this.#isOver && this.#identifying.running === null && !this.#isKnown();
  }

  /** Closes the connection. */
  end(code: number, reason: string): void {
    if (!this.#isOver) {
      this.dispose();
      this.#close(code, reason);
    }
  }

  /** Ends all operations: the connection is closed. */
  dispose(): void {
    this.#isOver = true;
    [...this.operations].forEach((operation) => operation.end());
  }

  #isKnown(): boolean {
    if (this.#known === null) {
      return false;
    }
    const { identity, version, at } = this.#known;
    if (identity.isAnonymous) {
      return true;
    }
    const isExpired = identity.expiresAt !== null && identity.expiresAt <= this.#parts.now();
    return (
      version !== null && version === this.#parts.accessVersion() && !isExpired && performance.now() - at < BELIEVED_FOR
    );
  }

  async #identify(): Promise<Identity<Context> | null> {
    const { identify, accessVersion } = this.#parts;
    const [version, at] = [accessVersion(), performance.now()];
    try {
      const identity = await identify(this.#source);
      this.#known = { identity, version, at };
    } catch (error) {
      this.end(closeCodeOf(error), messageOf(this.#parts, this.id, error));
      return null;
    }
    for (const operation of this.operations) {
      await operation.revise(this.#known.identity);
    }
    return this.#isOver ? null : this.#known.identity;
  }
}

/** Returns the public message of an error that closes a connection. */
export function messageOf<Context extends BaseContext>(
  { pipeline, requestScope }: Pick<LiveParts<Context>, 'pipeline' | 'requestScope'>,
  id: string,
  error: unknown,
): string {
  return requestScope.run(id, () => pipeline.formatError({ message: '' }, error)).message;
}
