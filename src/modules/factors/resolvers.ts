import type { Resolvers } from '../../generated/resolvers.ts';
import {
  confirmTotp,
  disableTotp,
  getSecondFactor,
  reauthenticate,
  renewRecoveryCodes,
  resetSecondFactor,
  startTotp,
} from './service.ts';

export const factorResolvers: Resolvers = {
  Query: {
    secondFactor: (_parent, _arguments, context) => getSecondFactor(context),
  },
  Mutation: {
    completeLogin: (_parent, { challenge, code }, { auth, unit, client }) =>
      auth.signIns.complete(unit, client, challenge, code),
    startTotp: (_parent, _arguments, context) => startTotp(context),
    confirmTotp: (_parent, { code }, context) => confirmTotp(context, code),
    disableTotp: (_parent, { code }, context) => disableTotp(context, code),
    renewRecoveryCodes: (_parent, { code }, context) => renewRecoveryCodes(context, code),
    reauthenticate: (_parent, input, context) => reauthenticate(context, input),
    resetSecondFactor: (_parent, { userId }, context) => resetSecondFactor(context, userId),
  },
};
