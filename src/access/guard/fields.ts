import {
  defaultFieldResolver,
  getNullableType,
  type GraphQLFieldConfig,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isListType,
} from 'graphql';
import { closedInput, type GuardedInput } from './inputs.ts';
import { deny, type GuardKit } from './kit.ts';
import { type OwnedField, resolveOwn, type Resolver } from './own.ts';
import { withPassage } from './passage.ts';
import type { NumberedGate, RequestVerdicts } from './requests.ts';

export type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

/** What one field checks before and after its resolver. */
export interface FieldGuard extends OwnedField {
  readonly name: string;
  /** The field's doors, for its verdict. Other fields may share it. */
  readonly gate: NumberedGate;
  readonly inputs: readonly GuardedInput[];
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
  return withPassage(guarded(kit, guard, resolve), kit, guard, resolve);
}

function guarded(kit: GuardKit, guard: FieldGuard, resolve: Resolver): Resolver {
  const { requests } = kit;
  const { id } = guard.gate;
  if (guard.inputs.length > 0) {
    return (source, args, context, info) => decide(kit, guard, resolve, [source, args, context, info]);
  }
  if (resolve === defaultFieldResolver) {
    return guardProperty(kit, guard);
  }
  return (source, args, context, info) =>
    requests.isOpen(context, info, id)
      ? resolve(source, args, context, info)
      : decide(kit, guard, resolve, [source, args, context, info]);
}

/** What graphql-js's default resolver does, without a further call: this runs for every field of every row. */
function guardProperty(kit: GuardKit, guard: FieldGuard): Resolver {
  const { requests } = kit;
  const { id } = guard.gate;
  const { name } = guard;
  return (source, args, context, info) => {
    if (requests.isOpen(context, info, id) && isRecord(source)) {
      const property = source[name];
      return typeof property === 'function' ? property.call(source, args, context, info) : property;
    }
    return decide(kit, guard, defaultFieldResolver, [source, args, context, info]);
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Whatever is not open for sure: a gate that has not been judged yet, a closed one, or one that ownership may open. */
function decide(kit: GuardKit, guard: FieldGuard, resolve: Resolver, call: Parameters<Resolver>): unknown {
  const [, args, context, info] = call;
  const verdicts = kit.requests.of(context, info);
  checkBefore(kit, guard, verdicts, args, info);
  return verdicts.of(guard.gate) === 'yes' ? resolve(...call) : resolveOwn(kit, guard, verdicts, resolve, call);
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
  { gate, coordinate, doors, inputs }: FieldGuard,
  verdicts: RequestVerdicts,
  args: object,
  info: GraphQLResolveInfo,
): void {
  if (verdicts.of(gate) === 'no') {
    throw deny(kit, verdicts, coordinate, doors, info);
  }
  const closed = inputs.length === 0 ? null : closedInput(inputs, args, kit.inputs, verdicts);
  if (closed !== null) {
    throw deny(kit, verdicts, closed.coordinate, closed.doors, info);
  }
}
