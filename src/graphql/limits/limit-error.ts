import { type ASTNode, GraphQLError } from 'graphql';
import type { LimitName } from './options.ts';

/** A document asks for too much. As every failed validation it is answered with 400, and no resolver runs. */
export function limitError(limit: LimitName, message: string, nodes?: ASTNode): GraphQLError {
  return new GraphQLError(message, {
    ...(nodes === undefined ? {} : { nodes }),
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', limit },
  });
}
