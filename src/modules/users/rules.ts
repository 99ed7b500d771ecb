import type { Role } from '../../generated/access.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import { holds } from '../roles/rules.ts';

/** Returns true if the viewer sees other users at all; the row scope decides which ones. */
export function managesUsers(viewer: SignedInViewer): boolean {
  const isManager = viewer.roles.has('ACCOUNT_MANAGER' satisfies Role);
  return isManager || holds(viewer, 'users:read', 'users:write', 'users:roles');
}

export function isOneself(viewer: SignedInViewer, userId: string): boolean {
  return viewer.id === userId;
}
