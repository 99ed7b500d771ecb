import { GraphQLError, type GraphQLResolveInfo, type GraphQLSchema, responsePathAsArray } from 'graphql';
import { satisfies } from '../policy/judge.ts';
import type { Requirement } from '../policy/requirements.ts';
import type { GuardedTypes } from './inputs.ts';
import type { Ownership } from './owners.ts';
import type { Requests, RequestVerdicts } from './requests.ts';

/** One denial, for the log: the client sees only the code and the coordinate. */
export interface Denial {
  /** UNAUTHENTICATED for an anonymous viewer, FORBIDDEN for a signed-in one. */
  readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN';
  /** The denied coordinate: `Type.field`, `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly viewerId: string | null;
  /** The requirements that are not satisfied; empty for a field of an abstract type whose members are all denied. */
  readonly requirements: readonly Requirement[];
  /** The place in the response. For an item of a list: the field that holds the list. */
  readonly path: readonly (string | number)[];
}

/** Receives each denial once. */
export type DeniedListener = (denial: Denial, context: unknown) => void;

/** The state that the guards of one schema share while requests run. */
export interface GuardContext {
  readonly requests: Requests;
  readonly owners: Ownership;
  readonly inputs: GuardedTypes;
  /** The guarded schema, once it exists. Executions run on it, or on a schema that was pruned from it. */
  readonly complete: { readonly schema: GraphQLSchema };
  readonly onDenied: DeniedListener;
}

/** Reports that a coordinate is denied because of these requirements, and returns the error to answer with. */
export function deny(
  shared: GuardContext,
  { context, grants }: RequestVerdicts,
  coordinate: string,
  requirements: readonly Requirement[],
  info: GraphQLResolveInfo,
): Error {
  const denial: Denial = {
    code: grants.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN',
    coordinate,
    viewerId: grants.id,
    requirements: requirements.filter((requirement) => !satisfies(requirement, grants)),
    path: responsePathAsArray(info.path),
  };
  shared.onDenied(denial, context);
  return denialError(denial);
}

/** Returns the requirements that nothing but ownership could satisfy for this viewer. */
export function ownerRequirements(
  requirements: readonly Requirement[],
  { grants }: RequestVerdicts,
): readonly Requirement[] {
  return requirements
    .filter(({ owner }) => owner !== null && owner.site !== 'rows')
    .filter((requirement) => !satisfies(requirement, grants));
}

function denialError({ code, coordinate }: Denial): GraphQLError {
  const message = code === 'UNAUTHENTICATED' ? 'Authentication required' : 'Permission denied';
  return new GraphQLError(message, { extensions: { code, coordinate } });
}
