import type { RequestContext } from '../context.ts';
import type { LiveEvent } from '../database/events/live-events.ts';

/** How a field of `Subscription` comes to its answers. */
export interface LiveFieldParts<Input, Payload> {
  /** The events that the field may have to tell of. Opens nothing that must be closed but by `return`. */
  readonly watch: (context: RequestContext, input: Input) => AsyncIterable<LiveEvent>;
  /**
   * What is told of an event, read as whoever is subscribed may see it now; null: nothing, the event is not for them.
   * Each event comes with a context of its own.
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
