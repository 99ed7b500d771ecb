import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type ParseOptions,
  type ValidationRule,
} from 'graphql';
import { costOf, excessOfCost, type Variables } from './limits/cost.ts';
import { excessOfText } from './limits/lexical.ts';
import { DEFAULT_LIMITS, type Limits } from './limits/options.ts';
import { countFields, excessOfSelections, mergedFields } from './limits/selections.ts';
import { faultOfVariables } from './limits/variables.ts';

export { DEFAULT_LIMITS, type LimitName, type Limits } from './limits/options.ts';

/** What an Apollo Server takes to keep documents within limits; the parts work only together. */
export interface LimitsForApollo {
  readonly plugin: ApolloServerPlugin;
  readonly validationRules: ValidationRule[];
  readonly parseOptions: ParseOptions;
  readonly scaleOf: ScaleOf;
}

/** Weighs a valid operation, for any number of requests. */
export interface OperationScale {
  /** How many fields it has, once fragments are merged: what it takes to keep this. */
  readonly size: number;
  /** What is too much, or no good, in the variables of one request; null if nothing is. */
  weigh(variables: Variables): GraphQLError | null;
}

export type ScaleOf = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
) => OperationScale;

/** Reports as a request that is answered with 400: Apollo takes the status from the error. */
function refusal(error: GraphQLError): GraphQLError {
  // Of no declared type, since each GraphQL server declares `http` in its own way.
  const extensions: Record<string, unknown> = { http: { status: 400, headers: new HeaderMap() } };
  return new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    extensions: { ...error.extensions, ...extensions },
  });
}

/**
 * Refuses documents that ask for too much, before any resolver runs and before graphql-js validates them.
 *
 * Validation itself is what hostile documents aim at: some of its rules compare every field with every other. Apollo
 * runs all rules in one traversal, so a rule cannot stop the others. Instead, a document that passes a limit is put
 * aside and an empty one is validated in its place, on which our rule reports. Documents that passed once are cached
 * by Apollo, so only cost and variables are looked at on every request.
 */
export function createLimits(options: Partial<Limits> = {}): LimitsForApollo {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options };
  const refused = new WeakMap<DocumentNode, GraphQLError>();
  const scaleOf = createScales(limits);

  const plugin: ApolloServerPlugin = {
    requestDidStart: async () => ({
      validationDidStart: async (request) => {
        const excess =
          excessOfText(request.document, limits) ?? excessOfSelections(request.schema, request.document, limits);
        if (excess !== null) {
          const empty: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };
          refused.set(empty, excess);
          Object.assign(request, { document: empty });
        }
      },
      didResolveOperation: async ({ schema, document, operation, request }) => {
        if (operation === undefined) {
          return;
        }
        const fault = scaleOf(schema, document, operation).weigh(request.variables ?? {});
        if (fault !== null) {
          throw refusal(fault);
        }
      },
    }),
  };

  const reportRefused: ValidationRule = (context) => ({
    Document: (document) => {
      const excess = refused.get(document);
      if (excess !== undefined) {
        context.reportError(excess);
      }
    },
  });

  return { plugin, validationRules: [reportRefused], parseOptions: { maxTokens: limits.tokens }, scaleOf };
}

/** Fields are merged once for an operation; where it takes no variables it is also weighed once. */
function createScales(limits: Limits): ScaleOf {
  return (schema, document, operation) => {
    const fields = mergedFields(schema, document, operation, limits);
    const costBy = (variables: Variables): number => costOf(fields, operation, variables, limits);
    const constant = (operation.variableDefinitions ?? []).length > 0 ? null : costBy({});
    return {
      size: countFields(fields),
      weigh: (variables) =>
        faultOfVariables(variables, limits) ?? excessOfCost(constant ?? costBy(variables), operation, limits),
    };
  };
}
