import type { Role } from '../../generated/access.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';

/** Whether the viewer manages other users at all: which ones is decided by the row scope. */
export function managesUsers(viewer: SignedInViewer): boolean {
  return viewer.roles.has('ACCOUNT_MANAGER' satisfies Role);
}

export function isOneself(viewer: SignedInViewer, userId: string): boolean {
  return viewer.id === userId;
}
