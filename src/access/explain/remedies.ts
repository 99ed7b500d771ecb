import { permissionsOf, type RolePermissions } from '../matrix/matrix.ts';
import { type Gate, judge } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import type { Keyring } from '../policy/viewer.ts';

/** A key that a viewer lacks. */
export interface MissingKey {
  readonly kind: 'role' | 'permission' | 'sign-in';
  /** The role or the permission; empty for signing in. */
  readonly name: string;
}

/** Whose keys are looked at, and what comes with a role. */
export interface RemedyContext {
  readonly policy: Policy;
  readonly keyring: Keyring;
  readonly rolePermissions: RolePermissions;
}

const SIGN_IN: MissingKey = { kind: 'sign-in', name: '' };

/**
 * The least that would let the viewer pass whatever the object: alternatives, each a list of keys all of which are
 * needed. Of roles only those that inherit no other that would do. Empty if the viewer passes, or nobody can.
 */
export function remediesFor(gate: Gate, context: RemedyContext): readonly (readonly MissingKey[])[] {
  const opens = (keys: readonly MissingKey[]): boolean => judge(gate, withKeys(context, keys)) === 'yes';
  if (opens([])) {
    return [];
  }
  if (opens([SIGN_IN])) {
    return [[SIGN_IN]];
  }
  const single = smallestKeys(gate, context).map((key) => [key]);
  if (single.length > 0) {
    return single;
  }
  const perDoor = gate.doors
    .map((door) => ({ doors: [door], members: [] }))
    .flatMap((one) => {
      return judge(one, context.keyring) === 'yes' ? [] : smallestKeys(one, context).slice(0, 1);
    });
  return opens(perDoor) ? [perDoor] : [];
}

/** Every single role or permission that opens the gate, roles that inherit another one of them left out. */
function smallestKeys(gate: Gate, context: RemedyContext): MissingKey[] {
  const { roles, permissions } = context.policy;
  const opens = (key: MissingKey): boolean => judge(gate, withKeys(context, [key])) === 'yes';
  const byRole = [...roles.keys()].filter((name) => opens({ kind: 'role', name }));
  const smallest = byRole.filter((role) => !byRole.some((other) => other !== role && roles.get(role)?.has(other)));
  return [
    ...smallest.map((name): MissingKey => ({ kind: 'role', name })),
    ...[...permissions.keys()].map((name): MissingKey => ({ kind: 'permission', name })).filter(opens),
  ];
}

/** The viewer's keys and those; whoever holds any is signed in. */
function withKeys({ policy, keyring, rolePermissions }: RemedyContext, keys: readonly MissingKey[]): Keyring {
  const named = (kind: MissingKey['kind']): string[] => keys.filter((key) => key.kind === kind).map(({ name }) => name);
  const granted = named('role').map((role) => permissionsOf(role, policy, rolePermissions));
  const closures = named('role').flatMap((role) => Array.from(policy.roles.get(role) ?? []));
  const isAll = keyring.permissions === 'all' || granted.includes('all');
  const held = keyring.permissions === 'all' ? [] : keyring.permissions;
  return {
    id: keys.length > 0 ? (keyring.id ?? 'somebody') : keyring.id,
    roles: new Set([...keyring.roles, ...closures]),
    permissions: isAll ? 'all' : new Set([...held, ...named('permission'), ...granted.flat()]),
  };
}
