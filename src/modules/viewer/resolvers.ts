import { requireSignedIn } from '../../context.ts';
import type { Resolvers } from '../../generated/resolvers.ts';
import { describeViewer, verdictsFor } from './service.ts';

export const viewerResolvers: Resolvers = {
  Query: {
    viewer: (_parent, _input, context) => describeViewer(context),
  },
  Mutation: {
    viewAs: (_parent, input, { auth, unit, client, viewer }) =>
      auth.views.open(unit, client, requireSignedIn(viewer), input),
  },
  Viewer: {
    can: (_viewer, { coordinates }, context, { schema }) => verdictsFor(context, schema, coordinates),
  },
};
