import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  Kind,
  type OperationDefinitionNode,
  parse,
  parseValue,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** The steps from an operation to a selection: names of fields, and `... Type` for fragments. */
export type Path = readonly string[];

type Selected = FieldNode | InlineFragmentNode;

/** A selection that the schema offers at one place. */
export interface Offer {
  /** The step of the path. */
  readonly step: string;
  readonly type: GraphQLNamedType;
  /** The type as the schema writes it. */
  readonly written: string;
  readonly args: readonly GraphQLArgument[];
}

/** Returns the step of a selection; null for spreads, which the explorer leaves alone. */
function stepOf(selection: SelectionNode): string | null {
  if (selection.kind === Kind.FIELD) {
    return selection.name.value;
  }
  return selection.kind === Kind.INLINE_FRAGMENT && selection.typeCondition !== undefined
    ? `... ${selection.typeCondition.name.value}`
    : null;
}

/** Returns what the schema offers within a type: its fields, and the types that an object of an abstract type may have. */
export function offersOf(schema: GraphQLSchema, type: GraphQLNamedType): readonly Offer[] {
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  return [
    ...fields.map((field): Offer => {
      return { step: field.name, type: getNamedType(field.type), written: String(field.type), args: field.args };
    }),
    ...(isAbstractType(type) ? schema.getPossibleTypes(type) : []).map((possible): Offer => {
      return { step: `... ${possible.name}`, type: possible, written: '', args: [] };
    }),
  ];
}

/** Returns the selection with a step, if the set has it. */
export function selectedIn(set: SelectionSetNode | undefined, step: string): Selected | undefined {
  return set?.selections.find((selection): selection is Selected => stepOf(selection) === step);
}

const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;

/** A selection set needs a field: this one stands in until another is chosen. */
const PLACEHOLDER: FieldNode = { kind: Kind.FIELD, name: nameNode('__typename') };

/** Returns the selection of an offer, with a first field where the type has fields. */
export function selectionOf(schema: GraphQLSchema, { step, type }: Offer): Selected {
  const first = offersOf(schema, type).find((offer) => isLeafType(offer.type) && !offer.args.some(isRequiredArgument));
  const selectionSet: SelectionSetNode = {
    kind: Kind.SELECTION_SET,
    selections: [first === undefined ? PLACEHOLDER : { kind: Kind.FIELD, name: nameNode(first.step) }],
  };
  if (step.startsWith('... ')) {
    const typeCondition = { kind: Kind.NAMED_TYPE, name: nameNode(type.name) } as const;
    return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet };
  }
  return { kind: Kind.FIELD, name: nameNode(step), ...(!isLeafType(type) && { selectionSet }) };
}

/** Returns the set with another selection at a path; null takes it away. */
function withSelection(
  set: SelectionSetNode | undefined,
  [step = '', ...rest]: Path,
  change: (selected: Selected | undefined) => Selected | null,
): SelectionSetNode {
  const selections = set?.selections ?? [];
  const found = selectedIn(set, step);
  const next =
    rest.length > 0 && found !== undefined
      ? { ...found, selectionSet: withSelection(found.selectionSet, rest, change) }
      : change(found);
  const kept = selections.filter((selection) => stepOf(selection) !== '__typename' || stepOf(selection) === step);
  const changed =
    found === undefined
      ? [...kept, ...(next === null ? [] : [next])]
      : selections.flatMap((selection) => (selection !== found ? [selection] : next === null ? [] : [next]));
  return { kind: Kind.SELECTION_SET, selections: changed.length === 0 ? [PLACEHOLDER] : changed };
}

/** Returns the operation with a selection at a path added, changed, or taken away (null). */
export function changeOperation(
  operation: OperationDefinitionNode,
  path: Path,
  change: (selected: Selected | undefined) => Selected | null,
): OperationDefinitionNode {
  return { ...operation, selectionSet: withSelection(operation.selectionSet, path, change) };
}

/** Reads the value of an argument as GraphQL writes it; a text that is none, or a bare word, is a string. */
function valueOf(argument: GraphQLArgument, text: string): ValueNode {
  const string = { kind: Kind.STRING, value: text } as const;
  try {
    const value = parseValue(text);
    return value.kind === Kind.ENUM && !isEnumType(getNamedType(argument.type)) ? string : value;
  } catch {
    return string;
  }
}

/** Returns the field with an argument; an empty text takes it away. */
export function withArgument(field: FieldNode, argument: GraphQLArgument, text: string): FieldNode {
  const others = field.arguments?.filter(({ name }) => name.value !== argument.name) ?? [];
  const added: ArgumentNode[] =
    text.trim() === ''
      ? []
      : [{ kind: Kind.ARGUMENT, name: nameNode(argument.name), value: valueOf(argument, text.trim()) }];
  return { ...field, arguments: [...others, ...added] };
}

/** Returns an argument of a field as GraphQL writes it; empty if it is not given. */
export function argumentText(field: Selected, name: string): string {
  const given = field.kind === Kind.FIELD ? field.arguments?.find((one) => one.name.value === name) : undefined;
  return given === undefined ? '' : print(given.value);
}

/** Returns the operations of a text; null if it cannot be parsed. A text of comments has none. */
export function operationsIn(source: string): readonly OperationDefinitionNode[] | null {
  if (source.replaceAll(/#.*/g, '').trim() === '') {
    return [];
  }
  try {
    return parse(source).definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return null;
  }
}
