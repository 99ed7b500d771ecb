import type { User } from './data.ts';

const users: Readonly<Record<string, User>> = {
  editor: { id: '7', roles: ['EDITOR'], permissions: [] },
  admin: { id: '1', roles: ['ADMIN'], permissions: ['stats:read'] },
};

/** Finds the user of a request. Your own looks at a session or a token. */
export function userNamed(name: string | string[] | null | undefined): User | undefined {
  return typeof name === 'string' ? users[name] : undefined;
}
