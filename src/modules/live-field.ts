import type { RequestContext } from '../context.ts';
import type { LiveEvent } from '../database/events/live-events.ts';

/** The parts of a field of `Subscription`. */
export interface LiveFieldParts<Input, Payload> {
  /** Returns the events that may concern the field. All that it opens is closed by `return`. */
  readonly watch: (context: RequestContext, input: Input) => AsyncIterable<LiveEvent>;
  /**
   * Reads the payload of an event, as the subscriber may see it now; null if the event is not for this subscriber. Each
   * event has a context of its own.
   */
  readonly read: (context: RequestContext, event: LiveEvent, input: Input) => Promise<Payload | null>;
}

/** The resolvers of a field of `Subscription`. */
export function liveField<Input, Payload>({ watch, read }: LiveFieldParts<Input, Payload>) {
  return {
    subscribe: (_parent: unknown, input: Input, context: RequestContext) => watch(context, input),
    resolve: (event: LiveEvent, input: Input, context: RequestContext) => read(context, event, input),
  };
}
