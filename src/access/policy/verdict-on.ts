import { judge, type Verdict } from './judge.ts';
import type { Policy } from './policy.ts';
import { type AccessViewer, keyringOf } from './viewer.ts';

/**
 * Whether a viewer gets to a field, for a service whose work depends on it: what one cannot read is not searched.
 *
 * @throws TypeError when the schema has no such field
 */
export function verdictOn(policy: Policy, viewer: AccessViewer, coordinate: string): Verdict {
  const rule = policy.rules.get(coordinate);
  if (rule?.kind !== 'field') {
    throw new TypeError(`The schema has no field ${coordinate}`);
  }
  return judge(rule, keyringOf(viewer, policy.roles));
}
