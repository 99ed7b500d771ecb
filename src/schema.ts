import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { mapSchema, MapperKind } from '@graphql-tools/utils';
import { type GraphQLSchema, type GraphQLResolveInfo, getDirectiveValues, isEnumType } from 'graphql';
import { accountResolvers } from './modules/accounts/resolvers.ts';
import { auditResolvers } from './modules/audit/resolvers.ts';
import { factorResolvers } from './modules/factors/resolvers.ts';
import { identityResolvers } from './modules/identities/resolvers.ts';
import { authResolvers } from './modules/sessions/resolvers.ts';
import { documentResolvers } from './modules/documents/resolvers.ts';
import { explainResolvers } from './modules/explain/resolvers.ts';
import { inventoryResolvers } from './modules/inventory/resolvers.ts';
import { messageResolvers } from './modules/messages/resolvers.ts';
import { roleResolvers } from './modules/roles/resolvers.ts';
import { scalarResolvers } from './graphql/scalars.ts';
import { userResolvers } from './modules/users/resolvers.ts';
import { viewerResolvers } from './modules/viewer/resolvers.ts';
import { webhookResolvers } from './modules/webhooks/resolvers.ts';
import type { RequestContext } from './context.ts';
import { Forbidden, RateLimited, Unauthenticated } from './lib/errors.ts';
import { actorIdOf } from './lib/viewer.ts';
import type { BuiltInRole } from './database/seed/seed.ts';

/** The folder of the type definitions, with one file for each domain. */
const CONTRACT = new URL('../schema/', import.meta.url);

/** Reads the type definitions, in the order of their files' names. */
export function loadTypeDefs(): string[] {
  const files = readdirSync(CONTRACT).filter((name) => name.endsWith('.graphql'));
  return files.sort().map((name) => readFileSync(new URL(name, CONTRACT), 'utf8'));
}

/** Builds the schema with its resolvers, whose refusals are counted. It is not guarded yet: see `access/`. */
export function buildSchema(): GraphQLSchema {
  const schema = makeExecutableSchema({
    typeDefs: loadTypeDefs(),
    resolvers: [
      scalarResolvers,
      userResolvers,
      accountResolvers,
      roleResolvers,
      authResolvers,
      factorResolvers,
      identityResolvers,
      auditResolvers,
      explainResolvers,
      inventoryResolvers,
      documentResolvers,
      messageResolvers,
      viewerResolvers,
      webhookResolvers,
    ],
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
  return mapSchema(schema, {
    [MapperKind.ROOT_FIELD]: (config, name, type) => {
      if (!config.resolve) {
        return config;
      }
      const resolve = type === 'Mutation' ? refuseInViews(config.resolve) : config.resolve;
      return { ...config, resolve: countRefusals(`${type}.${name}`, resolve) };
    },
  });
}

/** A resolver, with the arguments that are passed on here. */
type Resolve<Info> = (parent: unknown, input: unknown, context: RequestContext, info: Info) => unknown;

/** The field whose failures are not counted here: they are recorded as events of their own, which name the user. */
const RECORDED = 'Mutation.login';

/** Wraps the resolver of a mutation: an administrator who views the API as another is refused. */
function refuseInViews<Info>(resolve: Resolve<Info>): Resolve<Info> {
  return (parent, input, context, info) => {
    if (context.viewer.viewedBy !== null) {
      throw new Forbidden('You view the API as another user or role: this is read-only');
    }
    return resolve(parent, input, context, info);
  };
}

/** Wraps a resolver: refusals of its services are counted as denials, like those of the guard. */
function countRefusals<Info extends Pick<GraphQLResolveInfo, 'operation' | 'variableValues'>>(
  coordinate: string,
  resolve: Resolve<Info>,
): Resolve<Info> {
  return async (parent, input, context, info) => {
    try {
      return await resolve(parent, input, context, info);
    } catch (error) {
      const code = codeOf(error);
      if (code !== null && !(code === 'UNAUTHENTICATED' && coordinate === RECORDED)) {
        const { viewer, client, denials } = context;
        const operationName = info.operation.name?.value ?? null;
        denials.count({ actorId: actorIdOf(viewer), address: client.address, coordinate, code, operationName });
      }
      throw error;
    }
  };
}

function codeOf(error: unknown): 'FORBIDDEN' | 'UNAUTHENTICATED' | 'RATE_LIMITED' | null {
  const isRefusal = error instanceof Forbidden || error instanceof Unauthenticated || error instanceof RateLimited;
  return isRefusal ? error.code : null;
}

/** Returns the roles that `enum Role` declares, with those that each inherits directly. */
export function builtInRoles(schema: GraphQLSchema): BuiltInRole[] {
  const roleEnum = schema.getType('Role');
  const inherits = schema.getDirective('inherits');
  if (!isEnumType(roleEnum) || !inherits) {
    throw new TypeError('The schema declares no enum Role, or no directive @inherits');
  }
  return roleEnum.getValues().map(({ name, description, astNode }) => {
    const values = astNode ? getDirectiveValues(inherits, astNode) : undefined;
    return { name, description: description ?? '', inherits: (values?.['roles'] ?? []) as string[] };
  });
}
