import type { Resolvers } from '../../generated/resolvers.ts';

/** Sample messages. The requirements in the schema alone decide which of them a viewer receives. */
export const messageResolvers: Resolvers = {
  Query: {
    publicMessage: () => ({ text: 'This is a public message.' }),
    protectedMessage: () => ({ text: 'This is a protected message.' }),
    adminMessage: () => ({ text: 'This is an admin message.' }),
  },
};
