import type { Resolvers } from '../../generated/resolvers.ts';

/** There is nothing to look up: who may hear what is said in the schema alone. */
export const messageResolvers: Resolvers = {
  Query: {
    publicMessage: () => ({ text: 'This is a public message.' }),
    protectedMessage: () => ({ text: 'This is a protected message.' }),
    adminMessage: () => ({ text: 'This is an admin message.' }),
  },
};
