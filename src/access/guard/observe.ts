import { chain, isPromise } from '../values.ts';
import { type Call, deniedBefore, deniedByObject, type Resolver } from './calls.ts';
import { deny, type GuardContext } from './denial.ts';
import type { FieldGuard } from './inputs.ts';
import { mapObjects } from './lists.ts';
import { requirementsBySite } from './objects.ts';

/** Resolves without denying anything, and reports what would have been denied. No failure of a guard changes the answer. */
export function observe(shared: GuardContext, guard: FieldGuard, resolve: Resolver, call: Call): unknown {
  const [source, args, context, info] = call;
  const verdicts = attempt(shared, () => {
    const found = shared.requests.of(context, info);
    const denied = deniedBefore(shared, guard, found, args);
    if (denied !== null) {
      deny(shared, found, denied, { path: info.path, info });
      return null;
    }
    return found;
  });
  if (!verdicts) {
    return resolve(...call);
  }
  const place = { args, context, info };
  watch(shared, () =>
    chain(
      deniedByObject(shared, guard, verdicts, { ...place, object: guard.isRoot ? null : source }),
      (denied) => denied !== null && deny(shared, verdicts, denied, { path: info.path, info }),
    ),
  );
  const result = resolve(...call);
  const { onResult } = requirementsBySite(guard, verdicts);
  return onResult.requirements.length === 0
    ? result
    : mapObjects(result, guard.depth, info.path, (object, path) => {
        watch(shared, () =>
          chain(
            shared.judgeObject(onResult.requirements, verdicts, { ...place, object }),
            (isAllowed) => isAllowed || deny(shared, verdicts, onResult, { path, info }),
          ),
        );
        return object;
      });
}

/** Calls what judges without waiting for it. A failure is printed. */
export function watch(shared: GuardContext, judge: () => unknown): void {
  const result = attempt(shared, judge);
  if (isPromise(result)) {
    result.then(undefined, shared.onFailure);
  }
}

/** Calls what judges. A failure is printed, and the result is undefined. */
export function attempt<Result>(shared: GuardContext, judge: () => Result): Result | undefined {
  try {
    return judge();
  } catch (error) {
    shared.onFailure(error);
    return undefined;
  }
}
