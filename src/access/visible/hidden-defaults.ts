import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
} from 'graphql';
import { isRecord } from '../values.ts';
import type { Hidden } from './hidden.ts';

/** The part of an argument or input field that matters here. */
interface Input {
  readonly type: GraphQLInputType;
  readonly defaultValue?: unknown;
}

type Inputs = Readonly<Record<string, Input>>;

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

  #lacks(coordinate: string, { type, defaultValue }: Input): boolean {
    const isHidden = this.#hidden.has(coordinate);
    return (isHidden && defaultValue !== undefined) || (!isHidden && this.#types.has(getNamedType(type).name));
  }

  #complete(coordinateOf: (name: string) => string, inputs: Inputs, supplied: object): object {
    const completed: Record<string, unknown> = { ...supplied };
    for (const [name, input] of Object.entries(inputs)) {
      if (Object.hasOwn(completed, name)) {
        completed[name] = this.#value(input.type, completed[name]);
      } else if (this.#hidden.has(coordinateOf(name)) && input.defaultValue !== undefined) {
        completed[name] = input.defaultValue;
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
