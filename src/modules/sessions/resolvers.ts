import type { Resolvers } from '../../generated/resolvers.ts';
import {
  changeMyEmail,
  changePassword,
  endApiKey,
  endSession,
  endSessionsOfUser,
  listApiKeys,
  listSessions,
  logout,
  logoutEverywhere,
  makeApiKey,
} from './service.ts';

export const authResolvers: Resolvers = {
  Query: {
    sessions: (_parent, input, context) => listSessions(context, input),
    apiKeys: (_parent, input, context) => listApiKeys(context, input),
  },
  Mutation: {
    login: (_parent, input, { auth, unit, client }) => auth.signIns.login(unit, client, input),
    refreshSession: (_parent, { refreshToken }, { auth, unit, client }) => auth.refresh(unit, client, refreshToken),
    logout: (_parent, _arguments, context) => logout(context),
    logoutEverywhere: (_parent, _arguments, context) => logoutEverywhere(context),
    endSession: (_parent, { id }, context) => endSession(context, id),
    endSessionsOfUser: (_parent, { userId }, context) => endSessionsOfUser(context, userId),
    register: async (_parent, { input }, { auth, unit, client }) => {
      await auth.register(unit, client, input);
      return true;
    },
    changePassword: (_parent, input, context) => changePassword(context, input),
    requestPasswordReset: async (_parent, { login }, { auth, unit, client }) => {
      await auth.passwords.requestReset(unit, client, login);
      return true;
    },
    resetPassword: async (_parent, { token, next }, { auth, unit, client }) => {
      await auth.passwords.reset(unit, client, token, next);
      return true;
    },
    changeMyEmail: (_parent, { email }, context) => changeMyEmail(context, email),
    confirmEmail: async (_parent, { token }, { auth, unit, client }) => {
      await auth.ownEmail.confirm(unit, client, token);
      return true;
    },
    requestEmailConfirmation: async (_parent, { login }, { auth, unit, client }) => {
      await auth.ownEmail.requestAgain(unit, client, login);
      return true;
    },
    createApiKey: (_parent, { input }, context) => makeApiKey(context, input),
    revokeApiKey: (_parent, { id }, context) => endApiKey(context, id),
  },
  Session: {
    current: (session, _arguments, { viewer }) => session.id === viewer.sessionId,
  },
};
