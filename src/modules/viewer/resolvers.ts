import type { Resolvers } from '../../generated/resolvers.ts';
import { describeViewer, verdictsFor } from './service.ts';

export const viewerResolvers: Resolvers = {
  Query: {
    viewer: (_parent, _input, context) => describeViewer(context),
  },
  Viewer: {
    can: (_viewer, { coordinates }, context, { schema }) => verdictsFor(context, schema, coordinates),
  },
};
