import type { GraphQLResolveInfo } from 'graphql';
import { chain, isIterable, isRecord } from '../values.ts';
import type { MemberRequirements } from './abstracts.ts';
import { deny, type GuardContext } from './denial.ts';
import { watch } from './observe.ts';
import type { Resolver } from './calls.ts';
import type { RequestVerdicts } from './requests.ts';

/**
 * Wraps the resolver of a subgraph's `_entities`: a representation of a type that the viewer may not reach is denied
 * before its reference is resolved, and the others are resolved together as they would be without it. Ownership is judged
 * on the resolved entity, when its type is resolved.
 */
export function guardEntities(shared: GuardContext, types: MemberRequirements, resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    const representations: unknown = args['representations'];
    if (!Array.isArray(representations)) {
      return resolve(source, args, context, info);
    }
    const judge = () => {
      const verdicts = shared.requests.of(context, info);
      return representations.map((one: unknown, index) => denialOf(shared, types, one, index, verdicts, info));
    };
    if (shared.observes) {
      watch(shared, judge);
      return resolve(source, args, context, info);
    }
    const denials = judge();
    const allowed = representations.filter((_, index) => denials[index] === undefined);
    if (allowed.length === representations.length) {
      return resolve(source, args, context, info);
    }
    const entities = allowed.length === 0 ? [] : resolve(source, { ...args, representations: allowed }, context, info);
    return chain(entities, (resolved) => merge(denials, resolved));
  };
}

/** Returns the error, or the null, that takes the place of a denied entity; undefined for one that is allowed. */
function denialOf(
  shared: GuardContext,
  types: MemberRequirements,
  representation: unknown,
  index: number,
  verdicts: RequestVerdicts,
  info: GraphQLResolveInfo,
): Error | null | undefined {
  const name = isRecord(representation) ? representation['__typename'] : undefined;
  const required = typeof name === 'string' ? types.get(name) : undefined;
  if (typeof name !== 'string' || required === undefined) {
    return undefined; // Not a type of the schema: the subgraph library reports that.
  }
  const isHidden = info.schema.getType(name) === undefined;
  if (!isHidden && verdicts.of(required) !== 'denied') {
    return undefined;
  }
  const coordinate = `${info.parentType.name}.${info.fieldName}`;
  const path = { prev: info.path, key: index, typename: undefined };
  return deny(shared, verdicts, { coordinate, requirements: required.requirements }, { path, info });
}

/** Puts denials and entities in the order of the representations. */
function merge(denials: readonly (Error | null | undefined)[], resolved: unknown): unknown {
  if (!isIterable(resolved)) {
    return resolved;
  }
  const entities = resolved[Symbol.iterator]();
  return denials.map((denial) => (denial === undefined ? entities.next().value : denial));
}
