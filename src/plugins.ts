import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from './context.ts';

/**
 * The Apollo Server plugins of this installation: add yours here. Each of their hooks runs on every request to
 * `/graphql`, in the order of this list.
 */
export const plugins: ApolloServerPlugin<RequestContext>[] = [];
