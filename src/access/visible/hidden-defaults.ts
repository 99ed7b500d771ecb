import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
} from 'graphql';
import { defaultOf, hasDefault, type InputWithDefault } from '../defaults.ts';
import { isRecord } from '../values.ts';
import type { Hidden } from './hidden.ts';

type Inputs = Readonly<Record<string, InputWithDefault>>;

/**
 * The defaults of arguments and input fields that a pruned schema lacks. A client cannot supply these inputs, but
 * resolvers count on their defaults.
 */
export class HiddenDefaults {
  readonly #hidden: Hidden;
  /** The input types that hold a hidden default, at any depth. */
  readonly #types = new Set<string>();

  constructor(schema: GraphQLSchema, hidden: Hidden) {
    this.#hidden = hidden;
    const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
    let before: number;
    do {
      before = this.#types.size;
      for (const type of inputs) {
        const fields = Object.values(type.getFields());
        if (fields.some((field) => this.#lacks(`${type.name}.${field.name}`, field))) {
          this.#types.add(type.name);
        }
      }
    } while (this.#types.size > before);
  }

  /** Returns a function that completes the arguments of a field; null if none of its defaults are hidden. */
  completing(coordinate: string, args: Inputs): ((args: object) => object) | null {
    const names = Object.entries(args).map(([name, argument]) => [`${coordinate}(${name}:)`, argument] as const);
    return names.some(([own, argument]) => this.#lacks(own, argument))
      ? (supplied) => this.#complete((name) => `${coordinate}(${name}:)`, args, supplied)
      : null;
  }

  #lacks(coordinate: string, input: InputWithDefault): boolean {
    const isHidden = this.#hidden.has(coordinate);
    return isHidden ? hasDefault(input) : this.#types.has(getNamedType(input.type).name);
  }

  #complete(coordinateOf: (name: string) => string, inputs: Inputs, supplied: object): object {
    const completed: Record<string, unknown> = { ...supplied };
    for (const [name, input] of Object.entries(inputs)) {
      if (Object.hasOwn(completed, name)) {
        // graphql 16 gives a default as it was written by a builder, without the defaults of its fields.
        const isDefault = hasDefault(input) && completed[name] === input.defaultValue;
        completed[name] = isDefault ? input.defaultValue : this.#value(input.type, completed[name]);
      } else if (this.#hidden.has(coordinateOf(name)) && hasDefault(input)) {
        completed[name] = defaultOf(input);
      }
    }
    return completed;
  }

  #value(input: GraphQLInputType, value: unknown): unknown {
    const type = getNullableType(input);
    if (isListType(type)) {
      return Array.isArray(value) ? value.map((item: unknown) => this.#value(type.ofType, item)) : value;
    }
    return isInputObjectType(type) && this.#types.has(type.name) && isRecord(value)
      ? this.#complete((name) => `${type.name}.${name}`, type.getFields(), value)
      : value;
  }
}
