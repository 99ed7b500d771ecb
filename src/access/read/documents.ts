import {
  concatAST,
  type DefinitionNode,
  type DocumentNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  print,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';

/**
 * One document of several, as graphql-tools joins them: a type defined again extends the first definition, a type that
 * is only extended is defined, and a directive declared twice in the same words is declared once.
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
