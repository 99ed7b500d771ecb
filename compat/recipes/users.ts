import type { AccessViewer } from 'rolegate/access';

const users: Readonly<Record<string, AccessViewer>> = {
  editor: { id: '7', roles: ['EDITOR'], permissions: [] },
  admin: { id: '1', roles: ['ADMIN'], permissions: ['stats:read'] },
};

/** Finds the user of a request. Your own looks at a session or a token. */
export function userNamed(name: string | string[] | null | undefined): AccessViewer | undefined {
  return typeof name === 'string' ? users[name] : undefined;
}
