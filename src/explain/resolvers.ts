import type { Resolvers } from '../generated/resolvers.ts';
import { explainOperation, getAccessMatrix } from './service.ts';

export const explainResolvers: Resolvers = {
  Query: {
    accessMatrix: (_parent, _arguments, context) => getAccessMatrix(context),
    explainAccess: (_parent, input, context) => explainOperation(context, input),
  },
};
