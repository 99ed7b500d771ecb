import { expect, test } from 'vitest';
import {
  type AccessViewer,
  authTypeDefs,
  type GuardOptions,
  guardSchema,
  policyTypes,
  readPolicy,
  useRolegate,
} from '../../src/access/index.ts';
import { executable, ROLES } from './support.ts';

/** The unions that `rolegate types` writes for the schema of these tests. */
type Role = 'ADMIN' | 'EDITOR' | 'AUDITOR' | 'USER';
type Permission = 'notes:read' | 'notes:write';

interface Context {
  readonly viewer: AccessViewer<Role, Permission>;
}

const SDL = 'type Query { note: Int @auth(permissions: ["notes:read", "notes:write"]) }';

test('the unions are those of the schema', () => {
  const types = policyTypes(readPolicy([authTypeDefs, ROLES, SDL]));
  for (const name of ['ADMIN', 'EDITOR', 'AUDITOR', 'USER', 'notes:read', 'notes:write']) {
    expect(types).toContain(`'${name}'`);
  }
});

const guard = (viewer: (context: Context) => AccessViewer<Role, Permission>): unknown =>
  guardSchema<Context, Role, Permission>(executable(SDL), { viewer });

const inheriting = (inherits: GuardOptions<Context, Role, Permission>['inherits']): unknown => inherits;

const plugin = (viewer: (context: Context) => AccessViewer<Role, Permission>): unknown =>
  useRolegate<Context, Context, Role, Permission>({ viewer, visibleTo: viewer });

test('a typo in a role or a permission does not compile', () => {
  const accepted = [
    guard(({ viewer }) => viewer),
    guard(() => ({ id: 'me', roles: ['ADMIN'], permissions: ['notes:read'] })),
    guard(() => ({ id: 'me', roles: new Set(['USER'] as const), permissions: 'all' })),
    // @ts-expect-error -- no role has this name
    guard(() => ({ id: 'me', roles: ['ADMN'], permissions: [] })),
    // @ts-expect-error -- roles are written in capitals
    guard(() => ({ id: 'me', roles: ['admin'], permissions: [] })),
    // @ts-expect-error -- no permission has this name
    guard(() => ({ id: 'me', roles: [], permissions: ['notes:raed'] })),
    // @ts-expect-error -- a permission is not a role
    guard(() => ({ id: 'me', roles: ['notes:read'], permissions: [] })),
    // @ts-expect-error -- any text may be a typo
    guard(() => ({ id: 'me', roles: ['USER'.toLowerCase()], permissions: [] })),
    // @ts-expect-error -- a promise is no viewer
    guard(({ viewer }) => Promise.resolve(viewer)),
  ];
  expect(accepted).toHaveLength(9);
  // @ts-expect-error -- no role has this name
  inheriting({ ADMIN: ['EDITR'] });
  // @ts-expect-error -- no role has this name
  plugin(() => ({ id: 'me', roles: ['ADMN'], permissions: [] }));
});
