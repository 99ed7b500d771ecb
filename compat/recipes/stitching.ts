import { stitchSchemas } from '@graphql-tools/stitch';
import type { Context } from './data.ts';
import { schema } from './schema.ts';

// Each subschema is guarded where its resolvers are, and gets the viewer's context. The gateway's own fields are for its
// own guard; it must not be the only one.
export const gateway = stitchSchemas<Context>({
  subschemas: [{ schema }],
});
