import type { Door } from './doors.ts';
import type { Member } from './table.ts';
import type { Keyring } from './viewer.ts';

/** Whether a viewer gets there: always, never, or (`own`) to what is the viewer's own. */
export type Verdict = 'yes' | 'no' | 'own';

/** What has to open: every door, and the doors of at least one member, if there are members. */
export interface Gate {
  readonly doors: readonly Door[];
  readonly members: readonly Member[];
}

/** Judges a gate as far as that is possible without looking at an object. */
export function judge(gate: Gate, keyring: Keyring): Verdict {
  const verdict = judgeDoors(gate.doors, keyring);
  if (verdict === 'no' || gate.members.length === 0) {
    return verdict;
  }
  const members = new Set(gate.members.map(({ doors }) => judgeDoors(doors, keyring)));
  if (members.has('yes')) {
    return verdict;
  }
  return members.has('own') ? 'own' : 'no';
}

/** Judges doors, all of which must open. */
export function judgeDoors(doors: readonly Door[], keyring: Keyring): Verdict {
  let verdict: Verdict = 'yes';
  for (const door of doors) {
    if (!hasKey(door, keyring)) {
      if (door.owner === null || keyring.id === null) {
        return 'no';
      }
      verdict = 'own';
    }
  }
  return verdict;
}

/** Whether a role, a permission or being signed in opens the door: no object need be looked at. */
export function hasKey(door: Door, { id, roles, permissions }: Keyring): boolean {
  if (id === null) {
    return false;
  }
  if (door.signedIn || door.roles.some((role) => roles.has(role))) {
    return true;
  }
  return permissions === 'all'
    ? door.permissions.length > 0
    : door.permissions.some((permission) => permissions.has(permission));
}
