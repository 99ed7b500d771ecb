import {
  type ASTNode,
  type ASTVisitor,
  BREAK,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLError,
  Kind,
  visit,
} from 'graphql';
import { conditionalRoot } from './conditional-root.ts';
import { limitError } from './limit-error.ts';
import type { Limits } from './options.ts';

/** Counts how deep lists and objects stand within each other. */
function createValueDepth(limits: Limits, refuse: (error: GraphQLError) => typeof BREAK) {
  let depth = 0;
  return {
    enter(node: ASTNode): unknown {
      depth += 1;
      return depth > limits.valueDepth
        ? refuse(limitError('valueDepth', `A value nests more than ${limits.valueDepth} lists and objects.`, node))
        : undefined;
    },
    leave(): void {
      depth -= 1;
    },
  };
}

/** A visitor that looks at the text as it stands, each fragment once, and stops at the first thing it refuses. */
function createVisitor(limits: Limits, refuse: (error: GraphQLError) => typeof BREAK): ASTVisitor {
  let operations = 0;
  let aliases = 0;
  const value = createValueDepth(limits, refuse);
  const directives = ({ directives = [] }: { directives?: readonly DirectiveNode[] | undefined }) =>
    directives.length > limits.directives
      ? refuse(limitError('directives', `More than ${limits.directives} directives stand here.`, directives[0]))
      : undefined;
  return {
    [Kind.OPERATION_DEFINITION](node) {
      operations += 1;
      return operations > limits.operations
        ? refuse(limitError('operations', `The document holds more than ${limits.operations} operations.`, node))
        : directives(node);
    },
    [Kind.FIELD](node) {
      aliases += node.alias === undefined ? 0 : 1;
      return aliases > limits.aliases
        ? refuse(limitError('aliases', `The document uses more than ${limits.aliases} aliases.`, node))
        : directives(node);
    },
    [Kind.FRAGMENT_DEFINITION]: directives,
    [Kind.FRAGMENT_SPREAD]: directives,
    [Kind.INLINE_FRAGMENT]: directives,
    [Kind.VARIABLE_DEFINITION]: directives,
    [Kind.LIST]: value,
    [Kind.OBJECT]: value,
    // PostgreSQL stores no NUL in text; lone surrogates are refused by the lexer.
    [Kind.STRING]: (node) =>
      node.value.includes('\0') ? refuse(limitError('text', 'A text holds the character NUL.', node)) : undefined,
  };
}

/**
 * What is too much in the text of the document, or cannot be validated, whichever operation is run; null if nothing is.
 * Linear in its size.
 */
export function excessOfText(document: DocumentNode, limits: Limits): GraphQLError | null {
  const found: GraphQLError[] = [];
  const refuse = (error: GraphQLError): typeof BREAK => {
    found.push(error);
    return BREAK;
  };
  visit(document, createVisitor(limits, refuse));
  return found[0] ?? conditionalRoot(document);
}
