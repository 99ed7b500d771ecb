import type { GraphQLFieldResolver } from 'graphql';
import type { Door } from '../policy/doors.ts';
import { deny, type GuardKit, ownerDoors } from './kit.ts';
import { chain, isList, isPromise, type MaybePromise } from './promises.ts';
import type { RequestVerdicts } from './requests.ts';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** What has to be known of a field to judge the objects that it belongs to, and those that it returns. */
export interface OwnedField {
  /** `Type.field`, of the object type: what a denial names. */
  readonly coordinate: string;
  readonly doors: readonly Door[];
  /** How many lists enclose the objects that the field returns. */
  readonly depth: number;
}

/** Resolves for a viewer who may own the object that has the field, or the objects that it returns. */
export function resolveOwn(
  kit: GuardKit,
  { coordinate, doors, depth }: OwnedField,
  verdicts: RequestVerdicts,
  resolve: Resolver,
  call: Parameters<Resolver>,
): unknown {
  const [source, , context, info] = call;
  const owned = ownerDoors(doors, verdicts);
  const [onParent, onResult] = [owned.filter(isOnParent), owned.filter((door) => !isOnParent(door))];
  const owns = (judged: readonly Door[], object: unknown): MaybePromise<boolean> =>
    kit.owners.owns(judged, verdicts.keyring.id, object, context, info);
  const result = chain(onParent.length === 0 || owns(onParent, source), (isOwner) => {
    if (isOwner === true) {
      return resolve(...call);
    }
    throw deny(kit, verdicts, coordinate, onParent, info);
  });
  const judged = (object: unknown): unknown =>
    chain(owns(onResult, object), (isOwner) =>
      isOwner === true ? object : deny(kit, verdicts, coordinate, onResult, info),
    );
  return onResult.length === 0 ? result : eachObject(result, depth, judged);
}

function isOnParent({ owner }: Door): boolean {
  return owner?.site === 'parent';
}

/**
 * Maps the objects within so many lists. Anything may stand for an object, a plain id too. An Error in an object's
 * place is told by graphql-js at that object's path.
 */
function eachObject(value: unknown, depth: number, map: (object: unknown) => unknown): unknown {
  if (isPromise(value)) {
    return value.then((settled) => eachObject(settled, depth, map));
  }
  if (value === null || value === undefined || value instanceof Error) {
    return value;
  }
  if (depth > 0) {
    return isList(value) ? Array.from(value, (item) => eachObject(item, depth - 1, map)) : value;
  }
  try {
    return map(value);
  } catch (error) {
    return error instanceof Error ? error : new Error('The owner of an object could not be read', { cause: error });
  }
}
