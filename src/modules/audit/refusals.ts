import type { GraphQLResolveInfo } from 'graphql';
import type { RequestContext } from '../../context.ts';
import { Forbidden, RateLimited, Unauthenticated } from '../../lib/errors.ts';
import { actorIdOf } from '../../lib/viewer.ts';

/** A field's resolver, as far as this is about it. */
export type Resolve<Info> = (parent: unknown, input: unknown, context: RequestContext, info: Info) => unknown;

/** Where failures are events of their own: those of logins name whom they were for. */
const RECORDED = 'Mutation.login';

/** A resolver of a mutation, which is refused to an administrator who views the API as another. */
export function refuseInViews<Info>(resolve: Resolve<Info>): Resolve<Info> {
  return (parent, input, context, info) => {
    if (context.viewer.viewedBy !== null) {
      throw new Forbidden('You view the API as another user or role: this is read-only');
    }
    return resolve(parent, input, context, info);
  };
}

/** A resolver whose services' refusals are counted as denials, as the guard of the schema counts its denials. */
export function countRefusals<Info extends Pick<GraphQLResolveInfo, 'operation' | 'variableValues'>>(
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
