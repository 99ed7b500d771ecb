import type { GraphQLResolveInfo } from 'graphql';
import { type FieldPaths, typeNameOf, withoutOwners } from './representations.ts';
import { chain, isAsyncIterable, isIterable } from '../values.ts';
import type { MemberRequirements } from './abstracts.ts';
import { deny, type GuardContext } from './denial.ts';
import { watch } from './observe.ts';
import { type Info, NO_INFO, type Resolver } from './calls.ts';
import type { RequestVerdicts } from './requests.ts';

/**
 * Wraps the resolver of a subgraph's `_entities`: a representation of a type that the viewer may not reach is denied
 * before its reference is resolved, and the others are resolved together as they would be without it. Ownership is judged
 * on the resolved entity, when its type is resolved; the resolver gets no owners that a client has sent.
 */
export function guardEntities(
  shared: GuardContext,
  types: MemberRequirements,
  owners: FieldPaths,
  resolve: Resolver,
): Resolver {
  return (source, args, context, given: Info) => {
    const info = given ?? NO_INFO;
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
    const sent = representations.filter((_, index) => denials[index] === undefined);
    const allowed = sent.map((one: unknown) => withoutOwners(owners, one));
    const isAsSent = allowed.every((one, index) => one === sent[index]);
    if (isAsSent && allowed.length === representations.length) {
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
  const name = typeNameOf(representation);
  const required = types.get(name);
  if (required === undefined) {
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
  if (isAsyncIterable(resolved)) {
    return mergeAsync(denials, resolved);
  }
  if (!isIterable(resolved)) {
    return resolved;
  }
  const entities = resolved[Symbol.iterator]();
  return denials.map((denial) => (denial === undefined ? entities.next().value : denial));
}

async function* mergeAsync(
  denials: readonly (Error | null | undefined)[],
  resolved: AsyncIterable<unknown>,
): AsyncGenerator {
  const entities = resolved[Symbol.asyncIterator]();
  try {
    for (const denial of denials) {
      yield denial === undefined ? ((await entities.next()).value as unknown) : denial;
    }
  } finally {
    await entities.return?.();
  }
}
