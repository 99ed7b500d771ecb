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
import type { Coordinate, Permission, Role } from './access-types.js';

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

export const schema = guardSchema<Context, Role, Permission>(plain, {
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
  // @ts-expect-error -- no role has this name
  const someone: AccessViewer<Role, Permission> = { id: '1', roles: ['EDITR'], permissions: [] };
  // @ts-expect-error -- no coordinate has this name
  const elsewhere: Coordinate = 'Query.statistics';
  // @ts-expect-error -- the viewer is an option
  visibleSchema(guarded, viewer);
  return [someone, elsewhere];
}

export async function results(): Promise<unknown[]> {
  const matrix: AccessMatrix = accessMatrix(schema, { rolePermissions: { ADMIN: 'all' } });
  const explanation: Explanation = explainAccess(schema, { viewer, operation: '{ stats }' });
  const verdict: Verdict = verdictOn(schema, { viewer, coordinate });
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
