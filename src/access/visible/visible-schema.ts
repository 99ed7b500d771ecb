import type { GraphQLSchema } from 'graphql';
import { hasKey } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import { type AccessViewer, type Keyring, keyringOf } from '../policy/viewer.ts';
import { hiddenCoordinates } from './hidden.ts';
import { pruneSchema } from './prune.ts';

/** How many pruned schemas a policy keeps; the one that was not asked for longest makes room. */
const MOST_KEPT = 64;

/**
 * The schema without whatever the viewer's roles and permissions could never reach. What ownership may open stays.
 *
 * One schema is built for each set of open doors and kept, so that viewers of different roles with the same keys share
 * it. Pruned from the policy of a guarded schema (`policyOf`), it is guarded and executable as well: validate,
 * introspect and execute with it. An object whose type was pruned away is denied, as it is by the guard.
 *
 * @throws TypeError if the viewer is not what it should be
 */
export function visibleSchema(policy: Policy, viewer: AccessViewer): GraphQLSchema {
  const keyring = keyringOf(viewer, policy.roles);
  const { schemas } = policy.visible;
  const key = openDoors(policy, keyring);
  const schema = schemas.get(key) ?? pruneSchema(policy.schema, hiddenCoordinates(policy, keyring));
  schemas.delete(key);
  schemas.set(key, schema);
  const [oldest] = schemas.keys();
  if (schemas.size > MOST_KEPT && oldest !== undefined) {
    schemas.delete(oldest);
  }
  return schema;
}

/** Which doors the viewer's keys open, or ownership might: a digit a door. */
function openDoors({ visible }: Policy, keyring: Keyring): string {
  const mayOwn = keyring.id !== null;
  return visible.doors.map((door) => Number(hasKey(door, keyring) || (mayOwn && door.owner !== null))).join('');
}
