import type { Resolvers } from '../../generated/resolvers.ts';
import {
  linkIdentity,
  listIdentities,
  listSignInIssuers,
  startReauthentication,
  startSignIn,
  unlinkIdentity,
} from './service.ts';

export const identityResolvers: Resolvers = {
  Query: {
    signInIssuers: (_parent, _arguments, context) => listSignInIssuers(context),
    identities: (_parent, _arguments, context) => listIdentities(context),
  },
  Mutation: {
    startSignIn: (_parent, beginning, context) => startSignIn(context, beginning),
    linkIdentity: (_parent, beginning, context) => linkIdentity(context, beginning),
    unlinkIdentity: (_parent, { id }, context) => unlinkIdentity(context, id),
    startReauthentication: (_parent, beginning, context) => startReauthentication(context, beginning),
  },
};
