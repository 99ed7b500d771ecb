import { createRequire, registerHooks } from 'node:module';

// `node --import ./lib/graphql-17.ts` runs a benchmark on graphql 17: every package that loads `graphql` gets that version.

const installed = createRequire(import.meta.url).resolve('graphql-17');

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'graphql' ? installed : specifier, context),
});
