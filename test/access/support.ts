import { makeExecutableSchema } from '@graphql-tools/schema';
import type { IResolvers } from '@graphql-tools/utils';
import { graphql, type GraphQLSchema } from 'graphql';
import {
  type AccessViewer,
  authTypeDefs,
  describeRequirement,
  type GuardOptions,
  guardSchema,
  type Policy,
  PolicyError,
  readPolicy,
} from '../../src/access/index.ts';

/** The roles of most tests: ADMIN > EDITOR > USER, and AUDITOR beside them. */
export const ROLES = `
  enum Role {
    ADMIN @inherits(roles: ["EDITOR"])
    EDITOR @inherits(roles: ["USER"])
    AUDITOR @inherits(roles: ["USER"])
    USER
  }
`;

export const ANONYMOUS: AccessViewer = { id: null, roles: [], permissions: [] };

/** A viewer who is signed in as `me` and holds that. */
export function viewer(
  roles: string | readonly string[] = [],
  permissions: AccessViewer['permissions'] = [],
): AccessViewer {
  return { id: 'me', roles: typeof roles === 'string' ? [roles] : roles, permissions };
}

/** The policy of type definitions, the directives and the roles added. */
export function policyOfSdl(sdl: string): Policy {
  return readPolicy([authTypeDefs, ROLES, sdl]);
}

/** Returns the problems of type definitions, one line each: `coordinate: message`. */
export function problemsOf(sdl: string | readonly string[], roles: string = ROLES): string[] {
  try {
    readPolicy([authTypeDefs, roles, ...(typeof sdl === 'string' ? [sdl] : sdl)]);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) {
      return error.problems.map(({ coordinate, message }) => `${coordinate}: ${message}`);
    }
    throw error;
  }
}

/** The coordinates at which something is wrong. */
export function faultsOf(sdl: string | readonly string[], roles: string = ROLES): string[] {
  return problemsOf(sdl, roles).map((problem) => problem.replace(/: .*/s, ''));
}

/** An executable schema, not guarded yet. */
export function executable(sdl: string, resolvers: IResolvers<unknown, AccessViewer> = {}): GraphQLSchema {
  return makeExecutableSchema({ typeDefs: [authTypeDefs, ROLES, sdl], resolvers });
}

/** A guarded schema whose context is the viewer. */
export function guarded(
  sdl: string,
  resolvers: IResolvers<unknown, AccessViewer> = {},
  options: Partial<GuardOptions<AccessViewer>> = {},
): GraphQLSchema {
  return guardSchema(executable(sdl, resolvers), { viewer: (context: AccessViewer) => context, ...options });
}

/** The answer that a client gets: data, and `coordinate CODE at path` for every error. */
export interface Answer {
  readonly data: unknown;
  readonly denied: readonly string[];
}

/** Executes as a viewer would; errors other than denials appear with their message. */
export async function ask(
  schema: GraphQLSchema,
  contextValue: AccessViewer,
  source: string,
  variableValues: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const { data, errors = [] } = await graphql({ schema, source, contextValue, variableValues });
  const denied = errors.map(({ message, path = [], extensions }) => {
    const { code, coordinate } = extensions;
    return `${typeof coordinate === 'string' ? `${coordinate} ${String(code)}` : message} at ${path.join('.')}`;
  });
  return { data: data === undefined ? undefined : JSON.parse(JSON.stringify(data)), denied };
}

/** The requirements of a coordinate: `where it is written: its keys`. */
export function requirementsAt(policy: Policy, coordinate: string): string[] {
  const requirements = policy.rules.get(coordinate)?.requirements ?? [];
  return requirements.map(
    (requirement) =>
      `${requirement.from}: ${describeRequirement(requirement)}${requirement.site === null ? '' : ` ${requirement.site}`}`,
  );
}
