import { type GraphQLResolveInfo, type GraphQLSchema, responsePathAsArray } from 'graphql';
import type { Door } from '../policy/doors.ts';
import { hasKey } from '../policy/judge.ts';
import { type Denial, denialError } from './denial.ts';
import type { GuardedTypes } from './inputs.ts';
import type { OwnerBook } from './owners.ts';
import type { Requests, RequestVerdicts } from './requests.ts';

/** Tells that somebody was refused something, once for each refusal. */
export type DeniedListener = (denial: Denial, context: unknown) => void;

/** What the guards of one schema share while requests run. */
export interface GuardKit {
  readonly requests: Requests;
  readonly owners: OwnerBook;
  readonly inputs: GuardedTypes;
  /** Holds the guarded schema, once there is one: what is executed is that, or pruned from it. */
  readonly whole: { readonly schema: GraphQLSchema };
  readonly onDenied: DeniedListener;
}

/** The error to answer with when a coordinate is refused because of some of these doors; the listener has been told. */
export function deny(
  kit: GuardKit,
  { context, keyring, isTold }: RequestVerdicts,
  coordinate: string,
  doors: readonly Door[],
  info: GraphQLResolveInfo,
): Error {
  const denial: Denial = {
    code: keyring.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN',
    coordinate,
    viewerId: keyring.id,
    doors: doors.filter((door) => !hasKey(door, keyring)),
    path: responsePathAsArray(info.path),
  };
  if (isTold) {
    kit.onDenied(denial, context);
  }
  return denialError(denial);
}

/** The doors to which the viewer has no key but perhaps ownership. */
export function ownerDoors(doors: readonly Door[], { keyring }: RequestVerdicts): Door[] {
  return doors.filter(({ owner }) => owner !== null && owner.site !== 'rows').filter((door) => !hasKey(door, keyring));
}
