import type { ComponentType } from 'react';
import { type AnyResource, coordinatesOf } from './resource.ts';
import { ownAccount } from './resources/accounts.tsx';
import { text } from './text.ts';

/** A page of the console besides the tables of resources. */
export interface Route {
  readonly path: string;
  readonly title: string;
  readonly group: keyof typeof text.groups;
  /** The field without which the page shows nothing: refused, the page is not offered. */
  readonly coordinate: string;
  /** Another field with which the page is of use. */
  readonly otherwise?: { readonly coordinate: string };
  /** Further coordinates that the page asks about. */
  readonly asks?: readonly string[];
  readonly load?: () => Promise<ComponentType>;
}

/** Tables, forms and detail pages: each file in `resources/` is one, found by its name. */
export const resources: readonly AnyResource[] = Object.values(
  import.meta.glob<AnyResource>('./resources/*.tsx', { eager: true, import: 'resource' }),
);

const special: readonly Route[] = [
  {
    path: 'roles',
    title: text.roles.title,
    group: 'access',
    coordinate: 'Query.roles',
    asks: [
      'Mutation.createRole',
      'Mutation.updateRole',
      'Mutation.deleteRole',
      'Query.permissions',
      'Query.roleExclusions',
      'Mutation.excludeRoles',
      'Mutation.allowRoles',
      'Query.auditEvents',
    ],
    load: async () => (await import('./pages/roles.tsx')).RolesPage,
  },
  {
    path: 'matrix',
    title: text.matrix.title,
    group: 'access',
    coordinate: 'Query.accessMatrix',
    load: async () => (await import('./pages/matrix.tsx')).MatrixPage,
  },
  {
    path: 'explain',
    title: text.explain.title,
    group: 'access',
    coordinate: 'Query.explainAccess',
    load: async () => (await import('./pages/explain.tsx')).ExplainPage,
  },
  {
    path: 'profile',
    title: text.profile.title,
    group: 'own',
    coordinate: 'Query.me',
    asks: [
      'Mutation.updateMe',
      'Mutation.changeMyEmail',
      'Mutation.changePassword',
      'Query.secondFactor',
      'Mutation.startTotp',
      'Query.identities',
      'Mutation.linkIdentity',
      'Mutation.unlinkIdentity',
    ],
    load: async () => (await import('./pages/own.tsx')).ProfilePage,
  },
  {
    path: 'account',
    title: text.accounts.own,
    group: 'own',
    coordinate: 'Query.myAccount',
    asks: coordinatesOf(ownAccount),
    load: async () => (await import('./pages/account.tsx')).AccountPage,
  },
  {
    path: 'sessions',
    title: text.sessions.title,
    group: 'own',
    coordinate: 'Query.sessions',
    asks: ['Mutation.endSession'],
    load: async () => (await import('./pages/sessions.tsx')).SessionsPage,
  },
  {
    path: 'keys',
    title: text.keys.title,
    group: 'own',
    coordinate: 'Query.apiKeys',
    asks: ['Mutation.createApiKey', 'Mutation.revokeApiKey'],
    load: async () => (await import('./pages/keys.tsx')).KeysPage,
  },
];

/** Every page, in the order of the navigation. */
export const pages: readonly Route[] = [...resources, ...special];

/** Reports if a page is of use to a viewer. */
export const isReachable = (
  { coordinate, otherwise }: Pick<Route, 'coordinate' | 'otherwise'>,
  can: (coordinate: string) => boolean,
): boolean => can(coordinate) || (otherwise !== undefined && can(otherwise.coordinate));

/** Every coordinate that the console asks about: what the viewer may do with each decides what is shown. */
export const coordinates: readonly string[] = [
  ...new Set([
    ...resources.flatMap(coordinatesOf),
    ...special.flatMap(({ coordinate, asks = [] }) => [coordinate].concat(asks)),
    'Mutation.viewAs',
  ]),
];
