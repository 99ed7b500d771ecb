import type { SignedInViewer } from '../../lib/viewer.ts';

/** Returns true if the viewer signed in to a session: an API key or Basic must not change who may sign in. */
export function actsInPerson(viewer: SignedInViewer): boolean {
  return viewer.credential !== 'API key' && viewer.credential !== 'Basic';
}

/** Returns true if the viewer holds the role. */
export function holdsRole(viewer: SignedInViewer, role: string): boolean {
  return viewer.roles.has(role);
}

/** Returns true if the viewer holds the permission. */
export function holdsPermission(viewer: SignedInViewer, permission: string): boolean {
  return viewer.permissions === 'all' || viewer.permissions.has(permission);
}
