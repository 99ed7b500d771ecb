import {
  type ArgumentNode,
  type ASTNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type ValueNode,
  versionInfo,
  visit,
} from 'graphql';
import type { FindFragment } from './selections.ts';

/** An operation, and the fragments that it spreads, by the names that its spreads have. */
export interface SpreadOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** The values of the variables of a fragment; null stands for the lack of one. */
type Values = ReadonlyMap<string, ValueNode | null>;

/**
 * Returns an operation in which every fragment with arguments, which graphql 17 can be told to parse, is a fragment of its own
 * for each set of arguments: its variables are replaced by what a spread gives. All variables that are left are those of the
 * operation.
 *
 * @param isKnown tells whether a variable of the operation may have a value; a fragment gets its own default instead of one without
 */
export function withoutFragmentArguments(
  operation: OperationDefinitionNode,
  find: FindFragment,
  isKnown: (variable: string) => boolean,
): SpreadOperation {
  const fragments = new Map<string, FragmentDefinitionNode>();
  /** The definitions that are being expanded: in a cycle, arguments could grow without an end. */
  const open = new Set<FragmentDefinitionNode>();

  const expand = <Node extends OperationDefinitionNode | FragmentDefinitionNode>(root: Node, values: Values): Node =>
    visit(root, {
      enter: (node) => substitute(node, values),
      leave: (node) => (node.kind === Kind.FRAGMENT_SPREAD ? spread(node) : undefined),
    });
  const spread = (node: FragmentSpreadNode): FragmentSpreadNode | undefined => {
    const fragment = find(node.name.value);
    if (fragment === undefined) {
      return undefined;
    }
    const values = open.has(fragment) ? NO_VALUES : valuesOf(node, fragment, isKnown);
    const name = values.size === 0 ? node.name.value : `${node.name.value}(${textOf(values)})`;
    if (!fragments.has(name)) {
      fragments.set(name, fragment);
      open.add(fragment);
      fragments.set(name, expand(fragment, values));
      open.delete(fragment);
    }
    return values.size === 0 ? undefined : { ...node, name: { ...node.name, value: name } };
  };
  return { operation: expand(operation, NO_VALUES), fragments };
}

const NO_VALUES: Values = new Map();

/**
 * Returns an operation, the fragments that it spreads, and the others of its document. Fragments with arguments that it does
 * not spread are left out: nothing gives them any.
 */
export function definitionsOf(
  { operation, fragments }: SpreadOperation,
  all: Iterable<FragmentDefinitionNode>,
): (OperationDefinitionNode | FragmentDefinitionNode)[] {
  const others = [...all].filter(
    ({ name, variableDefinitions = [] }) => variableDefinitions.length === 0 && !fragments.has(name.value),
  );
  return [operation, ...fragments.values(), ...others];
}

/** Returns the values that a spread gives to the variables of a fragment. */
function valuesOf(
  spread: FragmentSpreadNode,
  fragment: FragmentDefinitionNode,
  isKnown: (name: string) => boolean,
): Values {
  const definitions = versionInfo.major < 17 ? [] : (fragment.variableDefinitions ?? []);
  const { arguments: given = [] } = spread as { readonly arguments?: readonly ArgumentNode[] };
  return new Map(
    definitions.map(({ variable, defaultValue }) => {
      const value = given.find(({ name }) => name.value === variable.name.value)?.value;
      const isMissing = value === undefined || (value.kind === Kind.VARIABLE && !isKnown(value.name.value));
      return [variable.name.value, (isMissing ? defaultValue : value) ?? null] as const;
    }),
  );
}

function textOf(values: Values): string {
  return Array.from(values, ([name, value]) => `${name}: ${value === null ? '' : print(value)}`).join();
}

/** Replaces a variable by its value; an argument, or a field of an input object, without one is left out. */
function substitute(node: ASTNode, values: Values): ValueNode | null | undefined {
  // An argument of a spread is a node of its own kind.
  if ('value' in node && 'name' in node) {
    const { value } = node;
    return value.kind === Kind.VARIABLE && values.get(value.name.value) === null ? null : undefined;
  }
  const value = node.kind === Kind.VARIABLE ? values.get(node.name.value) : undefined;
  return value === null ? { kind: Kind.NULL } : value;
}
