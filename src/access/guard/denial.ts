import { GraphQLError } from 'graphql';
import type { Door } from '../policy/doors.ts';

/** That somebody was refused something, for the log: the client is told the code and the coordinate only. */
export interface Denial {
  /** UNAUTHENTICATED: nobody is signed in. FORBIDDEN: somebody is. */
  readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN';
  /** What was refused: `Type.field`, `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly viewerId: string | null;
  /** The doors that stayed closed; for a field of an abstract type perhaps none, if all its members are closed. */
  readonly doors: readonly Door[];
  /** Where in the response. For an item of a list: the field that holds the list. */
  readonly path: readonly (string | number)[];
}

/** The answer to a client that was refused something: null at the path, and this error. */
export function denialError({ code, coordinate }: Denial): GraphQLError {
  const message = code === 'UNAUTHENTICATED' ? 'Authentication required' : 'Permission denied';
  return new GraphQLError(message, { extensions: { code, coordinate } });
}
