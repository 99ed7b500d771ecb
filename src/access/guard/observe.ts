import type { GraphQLResolveInfo } from 'graphql';
import type { Requirement } from '../policy/requirements.ts';
import { isPromise } from '../values.ts';
import { type Call, deniedBefore, type Resolver } from './calls.ts';
import { deny, type GuardContext } from './denial.ts';
import type { FieldGuard } from './inputs.ts';
import { mapObjects } from './lists.ts';
import { objectRequirements } from './objects.ts';

/** Resolves without denying anything, and reports what would have been denied. No failure of a guard changes the answer. */
export function observe(shared: GuardContext, guard: FieldGuard, resolve: Resolver, call: Call): unknown {
  const [source, args, context, info] = call;
  const { coordinate, requirements, depth } = guard;
  const judged = attempt(shared, () => {
    const verdicts = shared.requests.of(context, info);
    const denied = deniedBefore(shared, guard, verdicts, args);
    if (denied !== null) {
      deny(shared, verdicts, denied, { path: info.path, info });
      return null;
    }
    return { verdicts, dependent: objectRequirements(requirements, verdicts) };
  });
  const result = resolve(...call);
  if (!judged || judged.dependent.length === 0) {
    return result;
  }
  const { verdicts, dependent } = judged;
  const look = (onSite: readonly Requirement[], object: unknown, path: GraphQLResolveInfo['path']): void => {
    const allowed = attempt(shared, () => shared.judgeObject(onSite, verdicts, { object, args, context, info }));
    const report = (isAllowed: unknown): void => {
      if (isAllowed === false) {
        deny(shared, verdicts, { coordinate, requirements: onSite }, { path, info });
      }
    };
    if (isPromise(allowed)) {
      allowed.then(report, shared.onFailure);
    } else {
      report(allowed);
    }
  };
  const onParent = dependent.filter(({ site }) => site === 'parent');
  const onResult = dependent.filter(({ site }) => site === 'result');
  if (onParent.length > 0) {
    look(onParent, source, info.path);
  }
  return onResult.length === 0
    ? result
    : mapObjects(result, depth, info.path, (object, path) => {
        look(onResult, object, path);
        return object;
      });
}

export function attempt<Result>(shared: GuardContext, judge: () => Result): Result | undefined {
  try {
    return judge();
  } catch (error) {
    shared.onFailure(error);
    return undefined;
  }
}
