import type { Resolvers } from '../../generated/resolvers.ts';
import { explainOperation, getAccessMatrix } from './service.ts';

export const explainResolvers: Resolvers = {
  Query: {
    accessMatrix: (_parent, input, context) => getAccessMatrix(context, input),
    explainAccess: (_parent, input, context) => explainOperation(context, input),
  },
};
