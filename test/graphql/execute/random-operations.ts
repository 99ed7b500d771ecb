import * as fc from 'fast-check';
import {
  doTypesOverlap,
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  isRequiredArgument,
  isRequiredInputField,
  OperationTypeNode,
} from 'graphql';

/** Random choices of fast-check, which can repeat and shrink them. */
export class Choices {
  readonly #generate: fc.GeneratorValue;

  constructor(generate: fc.GeneratorValue) {
    this.#generate = generate;
  }

  isBelow(chance: number): boolean {
    return this.upTo(999) >= (1 - chance) * 1000; // 0, to which it is shrunk, means the simpler choice
  }

  upTo(max: number): number {
    return this.#generate(fc.nat, { max });
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) {
      throw new RangeError('There is nothing to pick from');
    }
    return items[this.upTo(items.length - 1)] as Item;
  }
}

export interface RandomOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

export interface OperationOptions {
  readonly schema: GraphQLSchema;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Which fields of the root may be asked for. */
  readonly roots: (field: string) => boolean;
  /** JSON values of a leaf, some of which may be no good. */
  readonly leaves: (type: string, name: string) => readonly unknown[];
}

/** An operation with whatever the language has, most often valid. */
export function randomOperation(choices: Choices, options: OperationOptions): RandomOperation {
  return new Writer(choices, options).operation();
}

const OPERATIONS = {
  query: OperationTypeNode.QUERY,
  mutation: OperationTypeNode.MUTATION,
  subscription: OperationTypeNode.SUBSCRIPTION,
};

/** Fields of the root that every schema has. */
const INTROSPECTION = [
  '__schema { queryType { name fields { name type { kind name ofType { name } } } } }',
  '__schema { directives { name isRepeatable } types { name possibleTypes { name } } }',
  'none: __type(name: "Nothing") { name }',
  'query: __type(name: "Query") { __typename name fields(includeDeprecated: true) { name } }',
];

type Holder = Pick<GraphQLArgument, 'name' | 'type'>;

class Writer {
  readonly #choices: Choices;
  readonly #options: OperationOptions;
  readonly #declared: string[] = [];
  readonly #fragments: string[] = [];
  readonly #variables: Record<string, unknown> = {};

  constructor(choices: Choices, options: OperationOptions) {
    this.#choices = choices;
    this.#options = options;
  }

  operation(): RandomOperation {
    const { schema, kind, roots } = this.#options;
    const type = schema.getRootType(OPERATIONS[kind]);
    if (!type) {
      throw new TypeError(`There is no ${kind}`);
    }
    const body = this.#selections(type, 4, (name) => roots(name));
    const declared = this.#declared.length === 0 ? '' : `(${this.#declared.join(', ')})`;
    const fragments = this.#choices.isBelow(0.5) ? this.#fragments : this.#fragments.toReversed();
    return { query: [`${kind} Random${declared} ${body}`, ...fragments].join('\n'), variables: this.#variables };
  }

  #selections(type: GraphQLNamedType, depth: number, allowed: (field: string) => boolean = () => true): string {
    const parts = Array.from({ length: 1 + this.#choices.upTo(3) }, () => this.#selection(type, depth, allowed));
    return `{ ${[...parts, ...(this.#choices.isBelow(0.1) ? parts : [])].join(' ')} }`;
  }

  #selection(type: GraphQLNamedType, depth: number, allowed: (field: string) => boolean): string {
    if (type === this.#options.schema.getQueryType() && this.#choices.isBelow(0.05)) {
      return this.#choices.pick(INTROSPECTION);
    }
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const usable = fields.filter(({ name, type: output }) => {
      return allowed(name) && (depth > 0 || !isCompositeType(getNamedType(output)));
    });
    if (this.#choices.isBelow(0.08) || depth < -2 || (usable.length === 0 && !isUnionType(type))) {
      return `__typename ${this.#directives()}`;
    }
    if (usable.length === 0 || this.#choices.isBelow(isAbstractType(type) ? 0.6 : 0.15)) {
      return this.#fragment(type, depth, allowed);
    }
    return this.#field(this.#choices.pick(usable), depth);
  }

  #fragment(type: GraphQLNamedType, depth: number, allowed: (field: string) => boolean): string {
    const on = this.#choices.isBelow(0.8) ? this.#narrower(type) : type;
    const body = this.#selections(on, depth - 1, allowed);
    if (this.#choices.isBelow(0.5)) {
      const condition = on === type && this.#choices.isBelow(0.3) ? '' : `on ${on.name}`;
      return `... ${condition} ${this.#directives()} ${body}`;
    }
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${on.name} ${body}`);
    const spread = `...${name} ${this.#directives()}`;
    return this.#choices.isBelow(0.2) ? `${spread} ...${name}` : spread;
  }

  /** A type that an object of that type may be of. */
  #narrower(type: GraphQLNamedType): GraphQLNamedType {
    const { schema } = this.#options;
    const types = Object.values(schema.getTypeMap()).filter((other) => isCompositeType(other));
    return isCompositeType(type)
      ? this.#choices.pick([type, ...types.filter((other) => doTypesOverlap(schema, type, other))])
      : type;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const alias = this.#choices.isBelow(0.3)
      ? `${this.#choices.pick(['a', 'b', 'id', 'name', 'first'])}${Math.max(depth, 0)}: `
      : '';
    const sent = field.args.filter((arg) => isRequiredArgument(arg) || this.#choices.isBelow(0.4));
    const args = sent.map((arg) => `${arg.name}: ${this.#argument(arg)}`);
    const type = getNamedType(field.type);
    const body = isCompositeType(type) ? this.#selections(type, depth - 1) : '';
    return `${alias}${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`} ${this.#directives()} ${body}`;
  }

  #directives(): string {
    if (!this.#choices.isBelow(0.1)) {
      return '';
    }
    const condition = this.#choices.isBelow(0.5) ? String(this.#choices.isBelow(0.5)) : this.#condition();
    return `@${this.#choices.pick(['skip', 'include'])}(if: ${condition})`;
  }

  #condition(): string {
    const isOn = this.#choices.isBelow(0.5);
    return this.#choices.isBelow(0.3)
      ? this.#variable('Boolean = true', this.#choices.pick([isOn, null, undefined]))
      : this.#variable('Boolean!', isOn);
  }

  #argument(argument: Holder): string {
    const isVariable = this.#choices.isBelow(0.5);
    const value = this.#value(argument.type, argument.name, 3);
    if (!isVariable) {
      return literal(value, argument.type);
    }
    return this.#variable(String(argument.type), this.#choices.isBelow(0.1) ? undefined : value);
  }

  #variable(type: string, value: unknown): string {
    const name = `v${this.#declared.length}`;
    this.#declared.push(`$${name}: ${type}`);
    if (value !== undefined) {
      this.#variables[name] = value;
    }
    return `$${name}`;
  }

  #value(input: GraphQLInputType, name: string, depth: number): unknown {
    if (!isNonNullType(input) && this.#choices.isBelow(0.1)) {
      return null;
    }
    const type = getNullableType(input);
    if (isListType(type)) {
      return Array.from({ length: this.#choices.upTo(2) }, () => this.#value(type.ofType, name, depth));
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth > 0 && this.#choices.isBelow(0.4)),
      );
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, field.name, depth - 1)]));
    }
    if (isEnumType(type)) {
      return this.#choices.isBelow(0.03) ? 'NOTHING' : this.#choices.pick(type.getValues()).name;
    }
    return this.#choices.pick(this.#options.leaves(type.name, name));
  }
}

/** The value as it is written in a document. */
function literal(value: unknown, input: GraphQLInputType): string {
  const type = getNullableType(input);
  if (value === null || value === undefined) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => literal(item, isListType(type) ? type.ofType : type)).join(', ')}]`;
  }
  if (isInputObjectType(type) && typeof value === 'object') {
    const fields = type.getFields();
    const parts = Object.entries(value).map(([name, field]) => {
      return `${name}: ${literal(field, fields[name]?.type ?? type)}`;
    });
    return `{ ${parts.join(', ')} }`;
  }
  if (typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([name, item]) => `${name}: ${JSON.stringify(item)}`)
      .join(', ')} }`;
  }
  return isEnumType(type) && typeof value === 'string' ? value : JSON.stringify(value);
}
