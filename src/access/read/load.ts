import {
  buildASTSchema,
  concatAST,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLEnumType,
  GraphQLError,
  GraphQLSchema,
  isSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  parse,
  print,
  specifiedDirectives,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  validateSchema,
  visit,
} from 'graphql';
import { PolicyError } from '../policy/policy-error.ts';
import { isRecord } from '../values.ts';
import { directiveNamed, type Vocabulary } from './vocabulary.ts';

/** The source of access rules: SDL, parsed documents, several of them, or a built schema. */
export type PolicySource = string | DocumentNode | readonly (string | DocumentNode)[] | GraphQLSchema;

/**
 * Returns the schema that the source describes, with the directives still on the nodes. Mistakes in access directives
 * are reported later.
 *
 * @throws PolicyError if it is not a valid schema
 * @throws TypeError if it is something else
 */
export function loadSchema(source: PolicySource, words: Vocabulary): GraphQLSchema {
  const schema = isUsableSchema(source) ? source : buildDocuments(documentsIn(source), words);
  const errors = validateSchema(schema);
  if (errors.length > 0) {
    throw invalid(errors.map((error) => error.message));
  }
  return schema;
}

/**
 * Tells whether a value is a schema that this copy of graphql can read.
 *
 * @throws TypeError if another copy of graphql has built it
 */
export function isUsableSchema(value: unknown): value is GraphQLSchema {
  refuseAnotherCopy('The schema', value, GraphQLSchema);
  return isSchema(value);
}

/**
 * Refuses an object that another copy of graphql has built. graphql-js itself says so at length, and not in production.
 *
 * @throws TypeError that says what to do
 */
export function refuseAnotherCopy(
  what: string,
  value: unknown,
  Expected: typeof GraphQLSchema | typeof GraphQLEnumType,
) {
  if (Object.prototype.toString.call(value) === `[object ${Expected.name}]` && !(value instanceof Expected)) {
    throw new TypeError(
      `${what} was built by another copy of graphql than the one that rolegate uses: "npm ls graphql" shows them; ` +
        'keep one, for example with "overrides" in package.json',
    );
  }
}

function buildDocuments(sources: readonly (string | DocumentNode)[], words: Vocabulary): GraphQLSchema {
  try {
    const document = joinDocuments(sources.map((source) => (typeof source === 'string' ? parse(source) : source)));
    buildASTSchema(withoutAccessDirectives(document, words));
    return buildASTSchema(document, { assumeValidSDL: true });
  } catch (error) {
    throw invalid(messagesOf(error));
  }
}

/** Removes the access directives, and undeclared ones: graphql-js would report them without a coordinate. */
function withoutAccessDirectives(document: DocumentNode, words: Vocabulary): DocumentNode {
  const declared = new Set(specifiedDirectives.map(({ name }) => name));
  for (const node of document.definitions) {
    if (node.kind === Kind.DIRECTIVE_DEFINITION) {
      declared.add(node.name.value);
    }
  }
  return visit(document, {
    Directive: ({ name }) =>
      directiveNamed(name.value, words) !== null || !declared.has(name.value) ? null : undefined,
  });
}

function invalid(messages: readonly string[]): PolicyError {
  return new PolicyError(messages.map((message) => ({ coordinate: 'schema', message })));
}

/** Splits the message of graphql-js, which holds all mistakes of a document with a blank line between them. */
function messagesOf(error: unknown): string[] {
  if (error instanceof GraphQLError && error.locations?.[0]) {
    const [{ line, column }] = error.locations;
    return [`${error.message} (line ${line}, column ${column})`];
  }
  if (error instanceof Error) {
    return error.message.split('\n\n');
  }
  throw error;
}

function documentsIn(source: Exclude<PolicySource, GraphQLSchema>): readonly (string | DocumentNode)[] {
  const documents = [source].flat();
  if (!documents.every((item) => typeof item === 'string' || (isRecord(item) && Array.isArray(item['definitions'])))) {
    throw new TypeError('readPolicy takes SDL, a parsed document, a list of these, or a GraphQLSchema');
  }
  return documents;
}

/**
 * Joins several documents as graphql-tools does: a type defined again extends the first definition, a type that is only
 * extended is defined, and a directive declared twice in the same words is declared once.
 */
export function joinDocuments(documents: readonly DocumentNode[]): DocumentNode {
  const definitions = concatAST(documents).definitions;
  const defined = new Set(definitions.filter(isTypeDefinitionNode).map(nameOf));
  const seen = new Set<string>();
  return { kind: Kind.DOCUMENT, definitions: definitions.flatMap((node) => join(node, defined, seen)) };
}

function join(node: DefinitionNode, defined: Set<string>, seen: Set<string>): DefinitionNode[] {
  if (isTypeExtensionNode(node) && !defined.has(nameOf(node))) {
    defined.add(nameOf(node));
    return [emptyDefinition(node), node];
  }
  const key = isTypeDefinitionNode(node) ? nameOf(node) : directiveKey(node);
  if (key === null || !seen.has(key)) {
    seen.add(key ?? '');
    return [node];
  }
  return isTypeDefinitionNode(node) ? [asExtension(node)] : [];
}

function nameOf(node: TypeDefinitionNode | TypeExtensionNode): string {
  return node.name.value;
}

function directiveKey(node: DefinitionNode): string | null {
  return node.kind === Kind.DIRECTIVE_DEFINITION ? print(node) : null;
}

const EXTENSIONS = {
  [Kind.OBJECT_TYPE_DEFINITION]: Kind.OBJECT_TYPE_EXTENSION,
  [Kind.INTERFACE_TYPE_DEFINITION]: Kind.INTERFACE_TYPE_EXTENSION,
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: Kind.INPUT_OBJECT_TYPE_EXTENSION,
  [Kind.ENUM_TYPE_DEFINITION]: Kind.ENUM_TYPE_EXTENSION,
  [Kind.UNION_TYPE_DEFINITION]: Kind.UNION_TYPE_EXTENSION,
  [Kind.SCALAR_TYPE_DEFINITION]: Kind.SCALAR_TYPE_EXTENSION,
} as const;

const DEFINITIONS = {
  [Kind.OBJECT_TYPE_EXTENSION]: Kind.OBJECT_TYPE_DEFINITION,
  [Kind.INTERFACE_TYPE_EXTENSION]: Kind.INTERFACE_TYPE_DEFINITION,
  [Kind.INPUT_OBJECT_TYPE_EXTENSION]: Kind.INPUT_OBJECT_TYPE_DEFINITION,
  [Kind.ENUM_TYPE_EXTENSION]: Kind.ENUM_TYPE_DEFINITION,
  [Kind.UNION_TYPE_EXTENSION]: Kind.UNION_TYPE_DEFINITION,
  [Kind.SCALAR_TYPE_EXTENSION]: Kind.SCALAR_TYPE_DEFINITION,
} as const;

function asExtension(node: TypeDefinitionNode): DefinitionNode {
  return { ...node, kind: EXTENSIONS[node.kind] } as TypeExtensionNode;
}

function emptyDefinition({ kind, name }: TypeExtensionNode): DefinitionNode {
  return { kind: DEFINITIONS[kind], name };
}
