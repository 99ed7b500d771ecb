import type { GraphQLSchema } from 'graphql';
import { judge, type Verdict } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import { type AccessViewer, grantsOf } from '../policy/viewer.ts';
import { policyFrom } from './attached.ts';

/**
 * Judges a viewer and a field, for a service whose work depends on it: a field that a viewer cannot read is not searched.
 *
 * @throws TypeError if the schema has no such field
 */
export function verdictOn(source: Policy | GraphQLSchema, viewer: AccessViewer, coordinate: string): Verdict {
  const policy = policyFrom(source);
  const rule = policy.rules.get(coordinate);
  if (rule?.kind !== 'field') {
    throw new TypeError(`The schema has no field ${coordinate}`);
  }
  return judge(rule, grantsOf(viewer, policy.roles));
}
