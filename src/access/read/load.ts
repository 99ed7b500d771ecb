import {
  buildASTSchema,
  type DocumentNode,
  type GraphQLSchema,
  isSchema,
  Kind,
  parse,
  specifiedDirectives,
  validateSchema,
  visit,
} from 'graphql';
import { PolicyError } from '../policy/policy-error.ts';
import { joinDocuments } from './documents.ts';
import { isOurs } from './vocabulary.ts';

/** What access rules are read from: SDL, parsed documents, several of them, or a built schema. */
export type PolicySource = string | DocumentNode | readonly (string | DocumentNode)[] | GraphQLSchema;

/**
 * The schema that the source describes, its directives still on the nodes.
 *
 * @throws PolicyError if it is no valid schema. What is wrong about access directives is left for others to tell.
 */
export function loadSchema(source: PolicySource): GraphQLSchema {
  const schema = isSchema(source) ? source : buildDocuments(isList(source) ? source : [source]);
  const errors = validateSchema(schema);
  if (errors.length > 0) {
    throw invalid(errors.map((error) => error.message));
  }
  return schema;
}

function buildDocuments(sources: readonly (string | DocumentNode)[]): GraphQLSchema {
  try {
    const document = joinDocuments(sources.map((source) => (typeof source === 'string' ? parse(source) : source)));
    buildASTSchema(withoutAccessDirectives(document));
    return buildASTSchema(document, { assumeValidSDL: true });
  } catch (error) {
    throw invalid(messagesOf(error));
  }
}

/** What remains is for graphql-js to validate; it would tell of ours, and of undeclared ones, without a coordinate. */
function withoutAccessDirectives(document: DocumentNode): DocumentNode {
  const declared = new Set(specifiedDirectives.map(({ name }) => name));
  for (const node of document.definitions) {
    if (node.kind === Kind.DIRECTIVE_DEFINITION) {
      declared.add(node.name.value);
    }
  }
  return visit(document, {
    Directive: ({ name }) => (isOurs(name.value) || !declared.has(name.value) ? null : undefined),
  });
}

function invalid(messages: readonly string[]): PolicyError {
  return new PolicyError(messages.map((message) => ({ coordinate: 'schema', message })));
}

/** graphql-js tells all mistakes of a document in one message, a blank line between them. */
function messagesOf(error: unknown): string[] {
  if (error instanceof Error) {
    return error.message.split('\n\n');
  }
  throw error;
}

function isList(source: PolicySource): source is readonly (string | DocumentNode)[] {
  return Array.isArray(source);
}
