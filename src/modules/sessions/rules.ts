import type { SignedInViewer } from '../../lib/viewer.ts';

/** Whether the viewer acts in person: a machine's key, or a password in a script, does not change who may sign in. */
export function actsInPerson(viewer: SignedInViewer): boolean {
  return viewer.credential !== 'API key' && viewer.credential !== 'Basic';
}

/** Whether the viewer holds the role. */
export function holdsRole(viewer: SignedInViewer, role: string): boolean {
  return viewer.roles.has(role);
}

/** Whether the viewer holds the permission. */
export function holdsPermission(viewer: SignedInViewer, permission: string): boolean {
  return viewer.permissions === 'all' || viewer.permissions.has(permission);
}
