import {
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
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** Random numbers from a seed (mulberry32): a run can be repeated. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** At least 0, less than 1. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  isBelow(chance: number): boolean {
    return this.roll() < chance;
  }

  upTo(most: number): number {
    return Math.floor(this.roll() * (most + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.roll() * items.length)];
    if (item === undefined) {
      throw new RangeError('There is nothing to pick from');
    }
    return item;
  }
}

export interface RandomOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

export interface OperationOptions {
  readonly schema: GraphQLSchema;
  readonly kind: 'query' | 'mutation';
  /** Which fields of the root may be asked for. */
  readonly roots: (field: string) => boolean;
  /** JSON values of a leaf, some of which may be no good. */
  readonly leaves: (type: string, name: string) => readonly unknown[];
}

/** An operation with whatever the language has, most often valid. */
export function randomOperation(dice: Dice, options: OperationOptions): RandomOperation {
  return new Writer(dice, options).operation();
}

type Holder = Pick<GraphQLArgument, 'name' | 'type'>;

class Writer {
  readonly #dice: Dice;
  readonly #options: OperationOptions;
  readonly #declared: string[] = [];
  readonly #fragments: string[] = [];
  readonly #variables: Record<string, unknown> = {};

  constructor(dice: Dice, options: OperationOptions) {
    this.#dice = dice;
    this.#options = options;
  }

  operation(): RandomOperation {
    const { schema, kind, roots } = this.#options;
    const type = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
    if (!type) {
      throw new TypeError(`There is no ${kind}`);
    }
    const body = this.#selections(type, 4, (name) => roots(name));
    const declared = this.#declared.length === 0 ? '' : `(${this.#declared.join(', ')})`;
    const fragments = this.#dice.isBelow(0.5) ? this.#fragments : this.#fragments.toReversed();
    return { query: [`${kind} Random${declared} ${body}`, ...fragments].join('\n'), variables: this.#variables };
  }

  #selections(type: GraphQLNamedType, depth: number, allowed: (field: string) => boolean = () => true): string {
    const parts = Array.from({ length: 1 + this.#dice.upTo(3) }, () => this.#selection(type, depth, allowed));
    return `{ ${[...parts, ...(this.#dice.isBelow(0.1) ? parts : [])].join(' ')} }`;
  }

  #selection(type: GraphQLNamedType, depth: number, allowed: (field: string) => boolean): string {
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const usable = fields.filter(({ name, type: output }) => {
      return allowed(name) && (depth > 0 || !isCompositeType(getNamedType(output)));
    });
    if (usable.length === 0 || this.#dice.isBelow(0.08)) {
      return `__typename ${this.#directives()}`;
    }
    if (isAbstractType(type) || this.#dice.isBelow(0.15)) {
      return this.#fragment(type, depth, allowed);
    }
    return this.#field(this.#dice.pick(usable), depth);
  }

  #fragment(type: GraphQLNamedType, depth: number, allowed: (field: string) => boolean): string {
    const on = isAbstractType(type) ? this.#dice.pick(this.#options.schema.getPossibleTypes(type)) : type;
    const body = this.#selections(on, depth - (isAbstractType(type) ? 0 : 1), allowed);
    if (this.#dice.isBelow(0.5)) {
      const condition = on === type && this.#dice.isBelow(0.3) ? '' : `on ${on.name}`;
      return `... ${condition} ${this.#directives()} ${body}`;
    }
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${on.name} ${body}`);
    const spread = `...${name} ${this.#directives()}`;
    return this.#dice.isBelow(0.2) ? `${spread} ...${name}` : spread;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const alias = this.#dice.isBelow(0.3)
      ? `${this.#dice.pick(['a', 'b', 'id', 'name', 'first'])}${Math.max(depth, 0)}: `
      : '';
    const sent = field.args.filter((arg) => isRequiredArgument(arg) || this.#dice.isBelow(0.4));
    const args = sent.map((arg) => `${arg.name}: ${this.#argument(arg)}`);
    const type = getNamedType(field.type);
    const body = isCompositeType(type) ? this.#selections(type, depth - 1) : '';
    return `${alias}${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`} ${this.#directives()} ${body}`;
  }

  #directives(): string {
    if (!this.#dice.isBelow(0.1)) {
      return '';
    }
    const condition = this.#dice.isBelow(0.5)
      ? String(this.#dice.isBelow(0.5))
      : this.#variable('Boolean!', this.#dice.isBelow(0.5));
    return `@${this.#dice.pick(['skip', 'include'])}(if: ${condition})`;
  }

  #argument(argument: Holder): string {
    const isVariable = this.#dice.isBelow(0.5);
    const value = this.#value(argument.type, argument.name, 3);
    if (!isVariable) {
      return literal(value, argument.type);
    }
    return this.#variable(String(argument.type), this.#dice.isBelow(0.1) ? undefined : value);
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
    if (!isNonNullType(input) && this.#dice.isBelow(0.1)) {
      return null;
    }
    const type = getNullableType(input);
    if (isListType(type)) {
      return Array.from({ length: this.#dice.upTo(2) }, () => this.#value(type.ofType, name, depth));
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth > 0 && this.#dice.isBelow(0.4)),
      );
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, field.name, depth - 1)]));
    }
    if (isEnumType(type)) {
      return this.#dice.isBelow(0.03) ? 'NOTHING' : this.#dice.pick(type.getValues()).name;
    }
    return this.#dice.pick(this.#options.leaves(type.name, name));
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
