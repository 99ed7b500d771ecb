import type { Role } from '../../generated/access.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';

/** Returns true if the viewer manages other users at all; the row scope decides which ones. */
export function managesUsers(viewer: SignedInViewer): boolean {
  return viewer.roles.has('ACCOUNT_MANAGER' satisfies Role);
}

export function isOneself(viewer: SignedInViewer, userId: string): boolean {
  return viewer.id === userId;
}
