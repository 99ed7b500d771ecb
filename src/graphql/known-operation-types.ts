import { GraphQLError, type ValidationRule } from 'graphql';

/**
 * A document asks only for kinds of operation that the schema has. graphql-js finds out while it executes, which would
 * be answered as a failure of ours; a schema that was pruned for its viewer may well have no mutations.
 */
export const KnownOperationTypes: ValidationRule = (context) => ({
  OperationDefinition: (node) => {
    if (!context.getSchema().getRootType(node.operation)) {
      context.reportError(
        new GraphQLError(`The schema has no type for ${node.operation} operations.`, { nodes: node }),
      );
    }
  },
});
