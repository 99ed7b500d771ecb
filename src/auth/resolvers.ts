import type { Resolvers } from '../generated/resolvers.ts';

export const authResolvers: Resolvers = {
  Mutation: {
    login: (_parent, input, { auth, unit }) => auth.login(unit, input),
  },
};
