import type { Resolvers } from '../../generated/resolvers.ts';
import {
  addPasskey,
  confirmTotp,
  deletePasskey,
  disableTotp,
  getSecondFactor,
  reauthenticate,
  renamePasskey,
  renewRecoveryCodes,
  resetSecondFactor,
  startPasskey,
  startPasskeyConfirmation,
  startTotp,
} from './service.ts';

export const factorResolvers: Resolvers = {
  Query: {
    secondFactor: (_parent, _arguments, context) => getSecondFactor(context),
    passkeyDomain: (_parent, _arguments, { auth }) => auth.passkeyDomain,
  },
  Mutation: {
    completeLogin: (_parent, { challenge, ...sent }, { auth, unit, client }) =>
      auth.signIns.complete(unit, client, challenge, sent),
    startPasskeySignIn: (_parent, _arguments, { auth, unit, client }) => auth.passkeySignIns.begin(unit, client),
    signInByPasskey: (_parent, input, { auth, unit, client }) => auth.passkeySignIns.signIn(unit, client, input),
    startTotp: (_parent, _arguments, context) => startTotp(context),
    confirmTotp: (_parent, { code }, context) => confirmTotp(context, code),
    disableTotp: (_parent, sent, context) => disableTotp(context, sent),
    renewRecoveryCodes: (_parent, sent, context) => renewRecoveryCodes(context, sent),
    startPasskey: (_parent, _arguments, context) => startPasskey(context),
    addPasskey: (_parent, input, context) => addPasskey(context, input),
    renamePasskey: (_parent, input, context) => renamePasskey(context, input),
    deletePasskey: (_parent, { id }, context) => deletePasskey(context, id),
    startPasskeyConfirmation: (_parent, _arguments, context) => startPasskeyConfirmation(context),
    reauthenticate: (_parent, input, context) => reauthenticate(context, input),
    resetSecondFactor: (_parent, { userId }, context) => resetSecondFactor(context, userId),
  },
};
