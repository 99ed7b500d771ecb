import {
  type ASTNode,
  type ASTVisitor,
  BREAK,
  type DirectiveNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  visit,
} from 'graphql';
import { createEnterOnce, fragmentsOf, walkSelections } from '../../access/selections.ts';
import { limitError, type Limits } from '../limits.ts';

/**
 * Returns what is too much in the text of the document, or cannot be validated, whichever of its operations runs; null
 * if it is within the limits. The work is linear in the size of the document.
 */
export function textViolation(document: DocumentNode, limits: Limits): GraphQLError | null {
  const found: GraphQLError[] = [];
  const refuse = (error: GraphQLError): typeof BREAK => {
    found.push(error);
    return BREAK;
  };
  visit(document, createVisitor(limits, refuse));
  return found[0] ?? conditionalRoot(document);
}

/** Creates a visitor that looks at the text as it stands, each fragment once, and stops at the first violation. */
function createVisitor(limits: Limits, refuse: (error: GraphQLError) => typeof BREAK): ASTVisitor {
  let operations = 0;
  let aliases = 0;
  const value = createValueDepth(limits, refuse);
  const directives = ({ directives = [] }: { directives?: readonly DirectiveNode[] | undefined }) =>
    directives.length > limits.directives
      ? refuse(limitError('directives', `More than ${limits.directives} directives are used here.`, directives[0]))
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
    [Kind.NAME]: (node) =>
      node.value.length > limits.nameLength
        ? refuse(limitError('nameLength', `A name has more than ${limits.nameLength} characters.`, node))
        : undefined,
    [Kind.FRAGMENT_DEFINITION]: directives,
    [Kind.FRAGMENT_SPREAD]: directives,
    [Kind.INLINE_FRAGMENT]: directives,
    [Kind.VARIABLE_DEFINITION]: directives,
    [Kind.LIST]: value,
    [Kind.OBJECT]: value,
    // PostgreSQL stores no NUL in text; the lexer refuses lone surrogates.
    [Kind.STRING]: (node) =>
      node.value.includes('\0') ? refuse(limitError('text', 'A text holds the character NUL.', node)) : undefined,
  };
}

/** Creates a visitor of literals that counts lists and objects within each other. */
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

/**
 * Returns an error if variables decide which field a subscription asks for (GraphQL, September 2025, §5.2.4.1); null if
 * none does. graphql-js 16 does not check that: its own rule about the root of subscriptions fails on variables there,
 * and execution when no field is left.
 */
function conditionalRoot(document: DocumentNode): GraphQLError | null {
  const conditions: DirectiveNode[] = [];
  const find = fragmentsOf(document);
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION && node.operation === OperationTypeNode.SUBSCRIPTION) {
      walkSelections(node.selectionSet, document, find, {
        select: ({ directives = [] }) => conditions.push(...directives.filter(mayLeaveOut)) >= 0,
        field: () => undefined,
        enter: createEnterOnce(),
      });
    }
  }
  const [nodes] = conditions;
  if (nodes === undefined) {
    return null;
  }
  const message = 'The field of a subscription must not depend on "@include" or "@skip".';
  return new GraphQLError(message, { nodes, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}

/** Reports if a directive may leave a selection out: one that a literal keeps is there for every request. */
function mayLeaveOut({ name: { value: name }, arguments: [given] = [] }: DirectiveNode): boolean {
  const isKept = given?.value.kind === Kind.BOOLEAN && given.value.value === (name === 'include');
  return (name === 'include' || name === 'skip') && !isKept;
}
