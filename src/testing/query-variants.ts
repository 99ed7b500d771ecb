import {
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  OperationTypeNode,
  print,
} from 'graphql';
import type { FieldPath, Step } from './path-finder.ts';
import { asVariable, type SuppliedArgument, printArgument, type Variable } from './values.ts';

/** A way of writing an operation that follows a path. */
export interface QueryVariant {
  readonly name: string;
  /** Returns the response key of a field; its name if not set. */
  readonly keyOf?: (field: string, level: number) => string;
  /** The text behind the arguments of every field. */
  readonly directives?: string;
  /**
   * Puts a selection on the type where it belongs. `condition` is the type condition without which it would not be
   * valid.
   */
  readonly place?: (inner: string, place: Place) => string;
  readonly variables?: readonly Variable[];
  /** Sends every argument as a variable. */
  readonly byVariables?: boolean;
  readonly operationName?: string;
  /** Selected at the root before and after. */
  readonly siblings?: readonly [before: string, after: string];
  /** Definitions before the operation. */
  readonly before?: string;
  readonly after?: string;
}

/** The place of a selection. */
export interface Place {
  /** The object type that it is meant for. */
  readonly type: string;
  /** The type condition that it needs; null if it needs none. */
  readonly condition: string | null;
  /** True if this is the last selection, which holds the target. */
  readonly isLast: boolean;
  /** Adds a fragment, and returns how it is spread. */
  readonly fragment: (type: string, inner: string) => string;
}

/** An operation that can be sent. */
export interface Written {
  readonly source: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The response keys that lead to the target. */
  readonly keys: readonly string[];
}

const YES: Variable = { name: 'yes', type: 'Boolean!', value: true };
const NO: Variable = { name: 'no', type: 'Boolean!', value: false };

/** The variants that suit every path. */
const QUERY_VARIANTS: readonly QueryVariant[] = [
  { name: 'plain' },
  { name: 'alias', keyOf: (_field, level) => `rolegate_${level}` },
  { name: 'alias named like another field', keyOf: () => 'id' },
  { name: 'inline fragment', place: (inner, { type }) => `... on ${type} { ${inner} }` },
  { name: 'inline fragment without a type', place: (inner, place) => `... { ${needed(inner, place)} }` },
  { name: 'named fragment', place: (inner, { type, fragment }) => fragment(type, inner) },
  {
    name: 'nested fragments',
    place: (inner, { type, fragment }) => fragment(type, `... on ${type} { ${fragment(type, inner)} }`),
  },
  { name: '@include', directives: ' @include(if: true)' },
  { name: '@skip', directives: ' @skip(if: false)' },
  {
    name: '@include and @skip by variables',
    directives: ' @skip(if: $no) @include(if: $yes)',
    variables: [YES, NO],
  },
  {
    name: '@include on a fragment',
    place: (inner, { type }) => `... on ${type} @include(if: $yes) { ${inner} }`,
    variables: [YES],
  },
  {
    name: 'twice',
    place: (inner, place) => (place.isLast ? `${needed(inner, place)} ${needed(inner, place)}` : needed(inner, place)),
  },
  { name: 'variables', byVariables: true },
  {
    name: 'second of several operations',
    operationName: 'Attack',
    before: 'query Harmless { __typename } ',
    after: ' query Other { __typename }',
  },
];

const BESIDE_TYPENAME: QueryVariant = {
  name: 'beside __typename',
  siblings: ['__typename ', ' rolegate_typename: __typename'],
};

/** Selected beside the introspection of the schema, which only queries can ask for. */
const INTROSPECTION: QueryVariant = {
  name: 'beside introspection',
  siblings: ['__schema { queryType { name } } ', ' __type(name: "Query") { name }'],
};

/** Returns all variants for a path. */
export function variantsFor(schema: GraphQLSchema, { operation, steps }: FieldPath): QueryVariant[] {
  const last = steps.at(-1);
  const type = last && schema.getType(last.type);
  const interfaces = isObjectType(type) && last ? type.getInterfaces() : [];
  const declaring = interfaces.filter((parent) => Object.hasOwn(parent.getFields(), last?.field ?? ''));
  const unions = Object.values(schema.getTypeMap()).filter(isUnionType);
  const containing = unions.filter((union) => union.getTypes().some(({ name }) => name === last?.type));
  const isSubscription = operation === OperationTypeNode.SUBSCRIPTION;
  return [
    // The one field of a subscription must not depend on variables: graphql-js fails on it.
    ...QUERY_VARIANTS.filter(({ variables }) => !isSubscription || variables === undefined),
    ...(isSubscription ? [] : [BESIDE_TYPENAME]),
    ...(operation === OperationTypeNode.QUERY ? [INTROSPECTION] : []),
    ...declaring.map(({ name }) => throughInterface(name)),
    ...containing.map(({ name }) => throughUnion(name)),
  ];
}

function throughInterface(name: string): QueryVariant {
  return {
    name: `through interface ${name}`,
    place: (inner, place) => (place.isLast ? `... on ${name} { ${inner} }` : needed(inner, place)),
  };
}

function throughUnion(name: string): QueryVariant {
  return {
    name: `through union ${name}`,
    place: (inner, place) =>
      place.isLast ? `... on ${name} { ... on ${place.type} { ${inner} } }` : needed(inner, place),
  };
}

function needed(inner: string, { condition }: Place): string {
  return condition === null ? inner : `... on ${condition} { ${inner} }`;
}

/** Writes the operation that follows a path in one variant. */
export function write(schema: GraphQLSchema, { operation, steps, beside }: FieldPath, variant: QueryVariant): Written {
  const fragments: string[] = [];
  const fragment = (type: string, inner: string): string => {
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on ${type} { ${inner} }`);
    return `...${name}`;
  };
  const variables: Variable[] = [...(variant.variables ?? [])];
  const keys = steps.map(({ field }, level) => variant.keyOf?.(field, level) ?? field);
  let inner = '';
  for (const [level, step] of [...steps.entries()].toReversed()) {
    const supplied = step.supplied.map((one, index) =>
      variant.byVariables ? asVariable(one, `v${level}_${index}`) : one,
    );
    variables.push(...supplied.flatMap((one) => one.variables));
    const isLast = level === steps.length - 1;
    // Without its type, an object of another type that has the field as well would be taken for the one that is meant.
    const selection = inner !== '' && isAbstractType(returnedType(schema, step)) ? `__typename ${inner}` : inner;
    // The root field of a subscription must not be conditional: graphql 17 refuses the operation.
    const directives = operation === OperationTypeNode.SUBSCRIPTION && level === 0 ? '' : variant.directives;
    const field = printField(step, keys[level] ?? step.field, supplied, directives, selection);
    const text = isLast && beside ? besides(step, beside, field) : field;
    const place: Place = { type: step.type, condition: conditionFor(schema, steps[level - 1], step), isLast, fragment };
    inner = variant.place?.(text, place) ?? needed(text, place);
  }
  const [before, after] = variant.siblings ?? ['', ''];
  const head = `${operation} ${variant.operationName ?? ''}${declare(variables)}`;
  const definitions = `${variant.before ?? ''}${head} { ${before}${inner}${after} }${variant.after ?? ''}`;
  const sent = variables.filter(({ value }) => value !== undefined);
  return {
    source: [definitions, ...fragments].join(' '),
    operationName: variant.operationName,
    variables: Object.fromEntries(sent.map(({ name, value }) => [name, value])),
    keys,
  };
}

function printField(
  step: Step,
  key: string,
  supplied: readonly SuppliedArgument[],
  directives: string | undefined,
  inner: string,
): string {
  const args = supplied.length === 0 ? '' : `(${supplied.map(printArgument).join(', ')})`;
  const selection = inner === '' ? '__typename' : inner;
  const alias = key === step.field ? '' : `${key}: `;
  return `${alias}${step.field}${args}${directives ?? ''}${step.returns === null ? '' : ` { ${selection} }`}`;
}

/** Writes a field between others of the same name, which have other arguments. */
function besides(step: Step, supplied: readonly SuppliedArgument[], field: string): string {
  const [before, after] = ['rolegate_before', 'rolegate_after'].map((key) =>
    printField(step, key, supplied, undefined, ''),
  );
  return `${before} ${field} ${after}`;
}

/**
 * Returns the type condition that a selection needs, if the field before returns an abstract type that lacks the field.
 */
function conditionFor(schema: GraphQLSchema, before: Step | undefined, { type, field }: Step): string | null {
  const named = returnedType(schema, before);
  const isDeclared = isInterfaceType(named) && Object.hasOwn(named.getFields(), field);
  return named === undefined || isObjectType(named) || isDeclared ? null : type;
}

function returnedType(schema: GraphQLSchema, step: Step | undefined): GraphQLNamedType | undefined {
  const parent = step && schema.getType(step.type);
  const returned = isObjectType(parent) && step ? parent.getFields()[step.field]?.type : undefined;
  return returned && getNamedType(returned);
}

function declare(variables: readonly Variable[]): string {
  const unique = [...new Map(variables.map((variable) => [variable.name, variable])).values()];
  const texts = unique.map(({ name, type, fallback }) => {
    return `$${name}: ${type}${fallback === undefined ? '' : ` = ${print(fallback)}`}`;
  });
  return texts.length === 0 ? '' : `(${texts.join(', ')})`;
}
