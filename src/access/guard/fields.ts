import {
  defaultFieldResolver,
  getNullableType,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isListType,
} from 'graphql';
import type { Door } from '../policy/doors.ts';
import { closedInput, type GuardedInput } from './inputs.ts';
import { deny, type GuardKit, ownerDoors } from './kit.ts';
import { chain, isList, isPromise, type MaybePromise } from './promises.ts';
import type { NumberedGate, RequestVerdicts } from './requests.ts';

export type FieldConfig = GraphQLFieldConfig<unknown, unknown>;
type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** What one field checks before and after its resolver. */
export interface FieldGuard {
  /** `Type.field`, of the object type: what a denial names. */
  readonly coordinate: string;
  readonly gate: NumberedGate;
  readonly inputs: readonly GuardedInput[];
  /** How many lists enclose the objects that the field returns. */
  readonly depth: number;
}

/** How many lists a type consists of. */
export function listDepth(output: GraphQLOutputType): number {
  const type = getNullableType(output);
  return isListType(type) ? 1 + listDepth(type.ofType) : 0;
}

/**
 * The resolver behind its guard. For a viewer whose keys open the gate it costs one look-up; the resolver gets what it
 * would get without the guard, and what it returns is not touched.
 */
export function guardResolver(kit: GuardKit, guard: FieldGuard, resolve: Resolver = defaultFieldResolver): Resolver {
  const { gate } = guard;
  const { requests } = kit;
  if (guard.inputs.length > 0) {
    return (source, args, context, info) => {
      const verdicts = requests.of(context, info);
      checkBefore(kit, guard, verdicts, args, info);
      return verdicts.of(gate) === 'yes'
        ? resolve(source, args, context, info)
        : resolveOwn(kit, guard, verdicts, resolve, [source, args, context, info]);
    };
  }
  return (source, args, context, info) => {
    const verdicts = requests.of(context, info);
    if (verdicts.of(gate) === 'yes') {
      return resolve(source, args, context, info);
    }
    checkBefore(kit, guard, verdicts, args, info);
    return resolveOwn(kit, guard, verdicts, resolve, [source, args, context, info]);
  };
}

/** The event source behind its guard: a denied one is not opened. What depends on an object is left to each event. */
export function guardSource(kit: GuardKit, guard: FieldGuard, subscribe: Resolver = defaultFieldResolver): Resolver {
  return (source, args, context, info) => {
    checkBefore(kit, guard, kit.requests.of(context, info), args, info);
    return subscribe(source, args, context, info);
  };
}

/** A resolver before which it is asked anew who the viewer is: rights may change while a subscription lasts. */
export function renewing(kit: GuardKit, resolve: Resolver = defaultFieldResolver): Resolver {
  return (source, args, context, info) => {
    kit.requests.renew(context, info);
    return resolve(source, args, context, info);
  };
}

/** Refuses what can be refused without looking at an object: the field itself, then what was supplied to it. */
function checkBefore(
  kit: GuardKit,
  { gate, coordinate, inputs }: FieldGuard,
  verdicts: RequestVerdicts,
  args: object,
  info: GraphQLResolveInfo,
): void {
  if (verdicts.of(gate) === 'no') {
    throw deny(kit, verdicts, coordinate, gate.doors, info);
  }
  const closed = inputs.length === 0 ? null : closedInput(inputs, args, kit.inputs, verdicts);
  if (closed !== null) {
    throw deny(kit, verdicts, closed.coordinate, closed.gate?.doors ?? [], info);
  }
}

/** Resolves for a viewer who may own the object that has the field, or the objects that it returns. */
function resolveOwn(
  kit: GuardKit,
  { gate, coordinate, depth }: FieldGuard,
  verdicts: RequestVerdicts,
  resolve: Resolver,
  call: Parameters<Resolver>,
): unknown {
  const [source, , context, info] = call;
  const doors = ownerDoors(gate.doors, verdicts);
  const [onParent, onResult] = [doors.filter(isOnParent), doors.filter((door) => !isOnParent(door))];
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
