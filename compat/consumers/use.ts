import { buildSchema, type GraphQLSchema } from 'graphql';
import {
  type AccessMatrix,
  accessMatrix,
  type AccessViewer,
  assertGuarded,
  authDirectives,
  authTypeDefs,
  type Denial,
  explainAccess,
  type Explanation,
  type GuardOptions,
  guardSchema,
  policyOf,
  policyTypes,
  readPolicy,
  useRolegate,
  type Verdict,
  verdictOn,
  verdictsOn,
  visibleSchema,
} from 'rolegate/access';
import { attackSchema, attackServer } from 'rolegate/testing';
import type { Coordinate, Permission, PolicyName, Role } from './access-types.js';

// What adopters write, in every form in which a closed union has to refuse a typo. Compiled, and not run.

interface Context {
  readonly viewer: AccessViewer<Role, Permission>;
}

interface Request {
  readonly headers: { get(name: string): string | null };
}

const plain: GraphQLSchema = buildSchema(authTypeDefs);
const viewer: AccessViewer<Role, Permission> = { id: null, roles: new Set<Role>(['ADMIN']), permissions: 'all' };
const coordinate: Coordinate = 'Query.stats';

export const schema = guardSchema<Context, Role, Permission, PolicyName>(plain, {
  viewer: (context) => context.viewer,
  policies: { mine: ({ viewer: { id }, object, args, context }) => id === '1' && [object, args, context].length === 3 },
  onDenied: (denial: Denial, context) => [denial.coordinate, denial.count, context.viewer.id],
  inherits: { ADMIN: ['EDITOR'] },
  // A value that may be missing is passed on as it is, also with exactOptionalPropertyTypes.
  errorLimit: undefined,
  undecided: undefined,
  enforcement: undefined,
});

const inferred = guardSchema(plain, { viewer: ({ viewer: found }: Context) => found });

export const plugin = useRolegate<Context, { readonly request: Request }, Role, Permission>({
  viewer: (context) => context.viewer,
  visibleTo: ({ request }) => ({ id: request.headers.get('x-user'), roles: [], permissions: [] }),
});

export function typos(guarded: GraphQLSchema): unknown[] {
  // @ts-expect-error -- no role has this name
  guardSchema<Context, Role, Permission>(guarded, { viewer: () => ({ id: '1', roles: ['ADMN'], permissions: [] }) });
  // @ts-expect-error -- no permission has this name
  guardSchema<Context, Role, Permission>(guarded, { viewer: () => ({ id: '1', roles: [], permissions: ['stats'] }) });
  // @ts-expect-error -- a viewer has permissions
  guardSchema<Context, Role, Permission>(guarded, { viewer: () => ({ id: '1', roles: [] }) });
  // @ts-expect-error -- a promise is no viewer
  guardSchema<Context, Role, Permission>(guarded, { viewer: async (context) => Promise.resolve(context.viewer) });
  // @ts-expect-error -- no role has this name
  guardSchema<Context, Role, Permission>(guarded, { viewer: () => viewer, inherits: { ADMN: ['EDITOR'] } });
  // @ts-expect-error -- no role has this name
  guardSchema<Context, Role, Permission>(guarded, { viewer: () => viewer, inherits: { ADMIN: ['EDITR'] } });
  // @ts-expect-error -- no option has this name
  guardSchema<Context, Role, Permission>(guarded, { viewer: () => viewer, enforcment: 'observe' });
  // @ts-expect-error -- no policy has this name
  guardSchema<Context, Role, Permission, PolicyName>(guarded, { viewer: () => viewer, policies: { mien: () => true } });
  // @ts-expect-error -- the function of a policy is missing
  guardSchema<Context, Role, Permission, PolicyName>(guarded, { viewer: () => viewer, policies: {} });
  // @ts-expect-error -- a policy returns a boolean
  const wrong: GuardOptions<Context>['policies'] = { mine: () => 'yes' };
  // @ts-expect-error -- no policy has this name
  useRolegate<Context, Context, Role, Permission, PolicyName>({ viewer: () => viewer, policies: { mien: () => true } });
  // @ts-expect-error -- no role has this name
  useRolegate<Context, Context, Role, Permission>({ viewer: () => viewer, visibleTo: () => misspelt });
  // @ts-expect-error -- no role has this name
  readPolicy<Role, PolicyName>('', { inherits: { ADMIN: ['EDITR'] } });
  // @ts-expect-error -- no policy has this name
  readPolicy<Role, PolicyName>('', { policies: ['mien'] });
  // @ts-expect-error -- no role has this name
  const someone: AccessViewer<Role, Permission> = { id: '1', roles: ['EDITR'], permissions: [] };
  // @ts-expect-error -- no coordinate has this name
  const elsewhere: Coordinate = 'Query.statistics';
  // @ts-expect-error -- the viewer is an option
  visibleSchema(guarded, viewer);
  // @ts-expect-error -- no role has this name
  visibleSchema<Role, Permission>(guarded, { viewer: misspelt });
  // @ts-expect-error -- no role has this name
  explainAccess<Role, Permission>(guarded, { viewer: misspelt, operation: '{ stats }' });
  // @ts-expect-error -- no permission has this name
  explainAccess<Role, Permission>(guarded, { viewer, operation: '', rolePermissions: { ADMIN: ['stats'] } });
  // @ts-expect-error -- no role has this name
  verdictOn<Role, Permission, Coordinate>(guarded, { viewer: misspelt, coordinate });
  // @ts-expect-error -- no coordinate has this name
  verdictOn<Role, Permission, Coordinate>(guarded, { viewer, coordinate: 'Query.statistics' });
  // @ts-expect-error -- no coordinate has this name
  verdictsOn<Role, Permission, Coordinate>(guarded, { viewer, coordinates: ['Query.statistics'] });
  // @ts-expect-error -- no role has this name
  accessMatrix<Role, Permission>(guarded, { rolePermissions: { ADMN: 'all' } });
  // @ts-expect-error -- no permission has this name
  accessMatrix<Role, Permission>(guarded, { columns: [{ name: 'a', roles: ['ADMIN'], permissions: ['stats'] }] });
  // @ts-expect-error -- no role has this name
  void attackSchema<Role, Permission>({ schema: guarded, rolePermissions: { ADMN: 'all' } });
  // @ts-expect-error -- no role has this name
  void attackServer<Role, Permission>({ schema: guarded, send, viewers: ['ADMN'] });
  return [someone, elsewhere, wrong];
}

const misspelt = { id: '1', roles: ['ADMN'], permissions: [] } as const;

const send = async (_viewer: Role | 'anonymous'): Promise<{ data: null }> => Promise.resolve({ data: null });

/** Names that no union closes: every function takes any role and permission. */
export function open(guarded: GraphQLSchema): unknown[] {
  const anyone = { id: '1', roles: ['whatever'], permissions: ['any:thing'] };
  const columns = [{ name: 'both', roles: ['ADMIN', 'EDITOR'], permissions: [] }];
  return [
    guardSchema(guarded, { viewer: () => anyone, inherits: { ADMIN: ['EDITOR'] }, policies: { mine: () => true } }),
    guardSchema(guarded, {
      viewer: () => ({ id: '1', roles: ['EDITOR'], permissions: [] }),
      inherits: { ADMIN: ['EDITOR'] },
    }),
    accessMatrix(guarded, { rolePermissions: { OWNER: ['a'] }, columns }),
    accessMatrix(guarded, {
      rolePermissions: { OWNER: 'all' },
      columns: [{ name: 'a', roles: ['EDITOR'], permissions: ['b'] }],
    }),
    explainAccess(guarded, { viewer: anyone, operation: '{ stats }', rolePermissions: { OWNER: 'all' } }),
    verdictsOn(guarded, { viewer: anyone, coordinates: ['Query.stats', 'Query.open'] }),
    visibleSchema(guarded, { viewer: { id: null, roles: [], permissions: [] } }),
    readPolicy('', { inherits: { ADMIN: ['EDITOR'] }, policies: ['mine'] }),
    attackSchema({ schema: guarded, rolePermissions: { OWNER: 'all' } }),
    attackServer({ schema: guarded, send: async (name: string) => ({ data: { name } }), viewers: ['anonymous'] }),
  ];
}

export async function results(): Promise<unknown[]> {
  const matrix: AccessMatrix = accessMatrix<Role, Permission>(schema, { rolePermissions: { ADMIN: 'all' } });
  const explanation: Explanation = explainAccess<Role, Permission>(schema, { viewer, operation: '{ stats }' });
  const verdict: Verdict = verdictOn<Role, Permission, Coordinate>(schema, { viewer, coordinate });
  assertGuarded(inferred);
  const { tried, failures } = await attackSchema({ schema, oneIn: 10 });
  const { cutOff } = await attackServer({ schema, send: async () => Promise.resolve({ data: null }) });
  return [
    matrix.rows,
    explanation.allowed,
    verdict === 'own',
    verdictsOn(schema, { viewer, coordinates: [coordinate] }),
    policyTypes(readPolicy([authTypeDefs, 'type Query { a: Int @public }'])),
    policyOf(visibleSchema(schema, { viewer })),
    authDirectives(),
    [tried, failures, cutOff],
  ];
}
