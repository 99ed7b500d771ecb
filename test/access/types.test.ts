import { expect, test } from 'vitest';
import {
  type AccessViewer,
  authTypeDefs,
  authTypeDefsFor,
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

test.each([
  [
    'permissions with punctuation',
    '@auth(permissions: ["a.b:c-d", "it\'s", "b\\\\c", "#1"])',
    "Permission =\n  | '#1'\n  | 'a.b:c-d'\n  | 'b\\\\c'\n  | 'it\\'s'",
  ],
  ['policies', '@auth(policy: ["mine", "sameCountry"])', "PolicyName =\n  | 'mine'\n  | 'sameCountry'"],
  ['no permissions and no policies', '@auth', 'Permission = never;'],
])('the unions have %s', (_, auth, union) => {
  expect(policyTypes(readPolicy([authTypeDefs, ROLES, `type Query { note: Int ${auth} }`]))).toContain(
    `export type ${union}`,
  );
});

test('the unions have roles that no enum could name, and no descriptions', () => {
  const described = '"All staff" enum Role { "The boss" ADMIN }';
  const inherits = { 'super-admin': ['editor in chief'], '007': [] };
  const named = [authTypeDefsFor('String'), 'type Query { note: Int @auth(requires: "super-admin") }'];
  expect(policyTypes(readPolicy(named, { inherits }))).toContain(
    "Role =\n  | '007'\n  | 'editor in chief'\n  | 'super-admin';",
  );
  const types = policyTypes(readPolicy([authTypeDefs, described, 'type Query { note: Int @auth(requires: ADMIN) }']));
  expect(types).toContain("export type Role =\n  | 'ADMIN';");
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
