import type { GraphQLIsTypeOfFn, GraphQLObjectType } from 'graphql';
import { hasFields } from '../policy/connections.ts';
import { judgeRequirements } from '../policy/judge.ts';
import type { Requirement } from '../policy/requirements.ts';
import { chain } from '../values.ts';
import type { GuardContext } from './denial.ts';
import type { RequestVerdicts } from './requests.ts';

type IsTypeOf = GraphQLIsTypeOfFn<unknown, unknown>;

/**
 * Tells whether a viewer may read every field of some types, whatever the objects. An executor that cannot type an object prints
 * it with all of its properties.
 */
export function mayReadAll(shared: GuardContext, types: Iterable<string>, { grants }: RequestVerdicts): boolean {
  return requirementsWithin(shared, types).every(
    (requirements) => judgeRequirements(requirements, grants) === 'allowed',
  );
}

/** Returns the requirements of the fields of some types. */
function requirementsWithin({ table, complete }: GuardContext, types: Iterable<string>): (readonly Requirement[])[] {
  return Array.from(types).flatMap((name) => {
    const type = complete.schema.getType(name);
    const fields = hasFields(type) ? Object.keys(type.getFields()) : [];
    return fields.map((field) => table.rules.get(`${name}.${field}`)?.requirements ?? []);
  });
}

/** Calls a type resolver. What it calls at once to find the type of an object is a search: see {@link guardTypeCheck}. */
export function searchType<Result>({ search }: GuardContext, resolveType: () => Result): Result {
  const { isRunning } = search;
  search.isRunning = true;
  try {
    return resolveType();
  } finally {
    search.isRunning = isRunning;
  }
}

/**
 * Wraps `isTypeOf` so that an object which is not of its type fails without the object in the message, for viewers who may not
 * read all of its fields. While a type resolver looks for the type of an abstract value, false means another type.
 */
export function guardTypeCheck(shared: GuardContext, { name, isTypeOf }: GraphQLObjectType): IsTypeOf | null {
  if (typeof isTypeOf !== 'function' || shared.observes) {
    return null;
  }
  if (requirementsWithin(shared, [name]).every((requirements) => requirements.length === 0)) {
    return null;
  }
  return (value, context, info) => {
    if (shared.search.isRunning) {
      return isTypeOf(value, context, info);
    }
    return chain(isTypeOf(value, context, info), (isOne) => {
      // graphql-jit gives no info.
      const place: typeof info | undefined = info;
      if (isOne || (place !== undefined && mayReadAll(shared, [name], shared.requests.peek(context, place)))) {
        return isOne; // The executor reports what it is.
      }
      throw new TypeError(`A resolver returned an object that is not of its type, ${name}`);
    });
  };
}
