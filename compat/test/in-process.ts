import { graphql, type GraphQLSchema } from 'graphql';
import { userNamed } from '../recipes/users.ts';
import { type Answer, type Ask } from './guarded.ts';

/** A client of a schema, by graphql-js itself. */
export function askOf(schema: GraphQLSchema): Ask {
  return async (source, user) =>
    (await graphql({ schema, source, contextValue: { user: userNamed(user) } })) as unknown as Answer;
}
