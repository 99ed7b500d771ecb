import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Tape } from './tape.ts';

export interface RandomOperation {
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The choices and the schema that an operation is written with. */
interface Writing {
  readonly tape: Tape;
  readonly schema: GraphQLSchema;
  readonly fragments: string[];
  readonly declared: string[];
  readonly variables: Record<string, unknown>;
  /** No response key twice, so that fields need not agree. */
  keys: number;
}

/** A random valid operation. */
export function randomOperation(tape: Tape, schema: GraphQLSchema): RandomOperation {
  const isMutation = tape.oneIn(5);
  const type = isMutation ? 'Mutation' : 'Query';
  const writing: Writing = { tape, schema, fragments: [], declared: ['$yes: Boolean = true'], variables: {}, keys: 0 };
  const body = selection(writing, type, 3);
  const head = `${isMutation ? 'mutation' : 'query'}(${writing.declared.join(', ')})`;
  const use = '... @include(if: $yes) { __typename }';
  return { source: `${head} { ${use} ${body} } ${writing.fragments.join(' ')}`, variables: writing.variables };
}

function selection(writing: Writing, typeName: string, depth: number): string {
  const { tape, schema } = writing;
  const type = schema.getType(typeName);
  const count = 1 + tape.below(4);
  const parts = Array.from({ length: count }, () => {
    if (isAbstractType(type) && (tape.oneIn(2) || !isInterfaceType(type))) {
      const members = schema.getPossibleTypes(type);
      const member = members[tape.below(members.length)];
      return member === undefined
        ? '__typename'
        : `... on ${member.name} { ${selection(writing, member.name, depth)} }`;
    }
    if (!isObjectType(type) && !isInterfaceType(type)) {
      return '__typename';
    }
    const fields = Object.values(type.getFields());
    const usable = fields.filter((field) => depth > 1 || !hasSelection(field));
    const field = usable[tape.below(usable.length)];
    return field === undefined ? '__typename' : wrap(writing, typeName, fieldText(writing, field, depth));
  });
  return parts.join(' ');
}

function hasSelection({ type }: GraphQLField<unknown, unknown>): boolean {
  const named = getNamedType(type);
  return isObjectType(named) || isAbstractType(named);
}

function fieldText(writing: Writing, field: GraphQLField<unknown, unknown>, depth: number): string {
  const given = field.args.filter(() => writing.tape.oneIn(2)).map((argument) => argumentText(writing, argument));
  const args = given.length === 0 ? '' : `(${given.join(', ')})`;
  const directive = writing.tape.pick(['', ' @include(if: $yes)', ' @skip(if: false)', ' @skip(if: true)']);
  const inner = hasSelection(field) ? ` { ${selection(writing, getNamedType(field.type).name, depth - 1)} }` : '';
  writing.keys += 1;
  return `k${writing.keys}: ${field.name}${args}${directive}${inner}`;
}

function wrap(writing: Writing, type: string, inner: string): string {
  switch (writing.tape.below(5)) {
    case 1:
      return `... on ${type} { ${inner} }`;
    case 2:
      return `... { ${inner} }`;
    case 3: {
      const name = `F${writing.fragments.length}`;
      writing.fragments.push(`fragment ${name} on ${type} { ${inner} }`);
      return `...${name}`;
    }
    default:
      return inner;
  }
}

function argumentText(writing: Writing, { name, type }: GraphQLArgument): string {
  const value = randomValue(writing.tape, type, 2);
  if (writing.tape.oneIn(2)) {
    return `${name}: ${literal(value)}`;
  }
  const variable = `v${writing.declared.length}`;
  writing.declared.push(`$${variable}: ${String(type)}`);
  if (!writing.tape.oneIn(4)) {
    writing.variables[variable] = json(value);
  }
  return `${name}: $${variable}`;
}

/** An enum value, as literals have it and JSON has not. */
class Name {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function randomValue(tape: Tape, type: GraphQLArgument['type'], depth: number): unknown {
  if (!isNonNullType(type) && tape.oneIn(8)) {
    return null;
  }
  const inner = isNonNullType(type) ? type.ofType : type;
  if (isListType(inner)) {
    return Array.from({ length: tape.below(3) }, () => randomValue(tape, inner.ofType, depth));
  }
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter(
      (field) => tape.oneIn(3) && (depth > 0 || field.name === 'x'),
    );
    return Object.fromEntries(fields.map((field) => [field.name, randomValue(tape, field.type, depth - 1)]));
  }
  if (isEnumType(inner)) {
    return new Name(tape.pick(['A', 'B', 'C']));
  }
  return inner.toString() === 'String' ? 'text' : 1;
}

function literal(value: unknown): string {
  if (value instanceof Name) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return `[${value.map(literal).join(', ')}]`;
  }
  return typeof value === 'object' && value !== null
    ? `{ ${Object.entries(value)
        .map(([name, item]) => `${name}: ${literal(item)}`)
        .join(', ')} }`
    : JSON.stringify(value);
}

function json(value: unknown): unknown {
  if (value instanceof Name) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return value.map(json);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, json(item)]))
    : value;
}
