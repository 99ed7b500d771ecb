import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

const CONDITIONS: ReadonlySet<string> = new Set(['include', 'skip']);

/** Whether the field may be left out: one that a literal keeps is there for every request. */
function mayRemove({ name, arguments: [given] = [] }: DirectiveNode): boolean {
  const isKept = given?.value.kind === Kind.BOOLEAN && given.value.value === (name.value === 'include');
  return CONDITIONS.has(name.value) && !isKept;
}

/** The `@include` and `@skip` at the root of an operation, in fragments as well; cycles are somebody else's matter. */
function* conditionsAt(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  seen: Set<string>,
): Generator<DirectiveNode> {
  for (const selection of selections) {
    yield* (selection.directives ?? []).filter((directive) => mayRemove(directive));
    const below = innerOf(selection, fragments, seen);
    if (below !== undefined) {
      yield* conditionsAt(below, fragments, seen);
    }
  }
}

function innerOf(
  selection: SelectionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  seen: Set<string>,
): SelectionSetNode | undefined {
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    return selection.selectionSet;
  }
  if (selection.kind === Kind.FIELD || seen.has(selection.name.value)) {
    return undefined;
  }
  seen.add(selection.name.value);
  return fragments.get(selection.name.value)?.selectionSet;
}

/**
 * What the one field of a subscription is must not depend on variables (GraphQL, September 2025, §5.2.4.1): the refusal
 * of a document in which it does; null if there is nothing to refuse. graphql-js 16 does not check that: its own rule
 * about the root of subscriptions fails on variables there, and execution when no field is left.
 */
export function conditionalRoot({ definitions }: DocumentNode): GraphQLError | null {
  const fragments = new Map(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
  );
  for (const node of definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION && node.operation === OperationTypeNode.SUBSCRIPTION) {
      const [condition] = conditionsAt(node.selectionSet, fragments, new Set());
      if (condition !== undefined) {
        return new GraphQLError('The field of a subscription must not depend on "@include" or "@skip".', {
          nodes: condition,
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        });
      }
    }
  }
  return null;
}
