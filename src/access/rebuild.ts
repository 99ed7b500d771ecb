import {
  getNamedType,
  type GraphQLAbstractType,
  type GraphQLArgument,
  type GraphQLArgumentConfig,
  GraphQLDirective,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  type GraphQLType,
  GraphQLUnionType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import type { FieldsType } from './policy/connections.ts';

type FieldConfig = GraphQLFieldConfig<unknown, unknown>;
type ArgumentConfigs = Readonly<Record<string, GraphQLArgumentConfig>>;

/** A field of a copy, and the arguments that it keeps. */
interface KeptArguments {
  readonly type: FieldsType;
  readonly name: string;
  readonly args: readonly GraphQLArgument[];
}

/** The changes that a copy of a schema makes. */
export interface SchemaChanges {
  /** Tells whether a coordinate, `Type` or `@directive` among them, is left out. */
  readonly isHidden?: (coordinate: string) => boolean;
  /** Returns the configuration of a field of an object type. */
  readonly field?: (config: FieldConfig, type: string, field: string) => FieldConfig;
  /** Returns the `isTypeOf` of an object type; null to leave it as it is. */
  readonly typeCheck?: (type: GraphQLObjectType) => GraphQLObjectType['isTypeOf'];
  /** Returns the type resolver of an abstract type. */
  readonly typeResolver?: (type: GraphQLAbstractType) => GraphQLAbstractType['resolveType'];
}

/**
 * Copies a schema with changes. What they do not concern stays as it is: scalars, enums and input types are the same
 * objects, so that defaults and internal values are never converted.
 */
export function rebuildSchema(schema: GraphQLSchema, changes: SchemaChanges): GraphQLSchema {
  return new Rebuild(schema, changes).schema();
}

class Rebuild {
  readonly #source: GraphQLSchema;
  readonly #changes: SchemaChanges;
  readonly #isHidden: (coordinate: string) => boolean;
  readonly #types = new Map<string, GraphQLNamedType>();
  #changed: ReadonlySet<string> = new Set();
  /** The fields that keep the very arguments of the source: in a pruned schema these would be half of its memory. */
  readonly #kept: KeptArguments[] = [];

  constructor(source: GraphQLSchema, changes: SchemaChanges) {
    this.#source = source;
    this.#changes = changes;
    this.#isHidden = changes.isHidden ?? (() => false);
  }

  schema(): GraphQLSchema {
    const all = Object.values(this.#source.getTypeMap()).filter((type) => !this.#isHidden(type.name));
    this.#changed = this.#changedInputs(all);
    for (const type of all) {
      this.#types.set(type.name, this.#type(type));
    }
    const config = this.#source.toConfig();
    const schema = new GraphQLSchema({
      ...config,
      query: this.#root(config.query),
      mutation: this.#root(config.mutation),
      subscription: this.#root(config.subscription),
      types: [...this.#types.values()],
      directives: config.directives
        .filter(({ name }) => !this.#isHidden(`@${name}`))
        .map((directive) => this.#directive(directive)),
      assumeValid: true,
    });
    for (const { type, name, args } of this.#kept) {
      const field = type.getFields()[name];
      if (field !== undefined) {
        field.args = args;
      }
    }
    return schema;
  }

  /** Returns the names of the enums and input types that lose something, and of those that refer to such. */
  #changedInputs(all: readonly GraphQLNamedType[]): ReadonlySet<string> {
    const changed = new Set<string>();
    if (this.#changes.isHidden === undefined) {
      return changed;
    }
    const inputs = all.filter(isInputObjectType);
    for (const type of [...all.filter(isEnumType), ...inputs]) {
      const names = isEnumType(type) ? type.getValues().map(({ name }) => name) : Object.keys(type.getFields());
      if (names.some((name) => this.#isHidden(`${type.name}.${name}`))) {
        changed.add(type.name);
      }
    }
    let before: number;
    do {
      before = changed.size;
      for (const type of inputs) {
        if (Object.values(type.getFields()).some((field) => changed.has(getNamedType(field.type).name))) {
          changed.add(type.name);
        }
      }
    } while (changed.size > before);
    return changed;
  }

  #type(type: GraphQLNamedType): GraphQLNamedType {
    if (isIntrospectionType(type)) {
      return type;
    }
    if (isObjectType(type)) {
      const { interfaces, ...config } = type.toConfig();
      const built: GraphQLObjectType = new GraphQLObjectType({
        ...config,
        isTypeOf: this.#changes.typeCheck?.(type) ?? config.isTypeOf,
        interfaces: () => this.#all(interfaces),
        fields: () => this.#fields(type, built, config.fields, this.#changes.field),
      });
      return built;
    }
    if (isInterfaceType(type)) {
      const { interfaces, ...config } = type.toConfig();
      const built: GraphQLInterfaceType = new GraphQLInterfaceType({
        ...config,
        resolveType: this.#changes.typeResolver?.(type) ?? config.resolveType,
        interfaces: () => this.#all(interfaces),
        fields: () => this.#fields(type, built, config.fields),
      });
      return built;
    }
    if (isUnionType(type)) {
      const { types, ...config } = type.toConfig();
      return new GraphQLUnionType({
        ...config,
        resolveType: this.#changes.typeResolver?.(type) ?? config.resolveType,
        types: () => this.#all(types),
      });
    }
    return this.#changed.has(type.name) ? this.#input(type) : type;
  }

  #input(type: GraphQLNamedType): GraphQLNamedType {
    const isShown = ([name]: readonly [string, unknown]): boolean => !this.#isHidden(`${type.name}.${name}`);
    if (isEnumType(type)) {
      const { values, ...config } = type.toConfig();
      return new GraphQLEnumType({ ...config, values: Object.fromEntries(Object.entries(values).filter(isShown)) });
    }
    if (!isInputObjectType(type)) {
      return type;
    }
    const { fields, ...config } = type.toConfig();
    return new GraphQLInputObjectType({
      ...config,
      fields: () =>
        Object.fromEntries(
          Object.entries(fields)
            .filter(isShown)
            .map(([name, field]) => [name, { ...field, type: this.#output(field.type) }]),
        ),
    });
  }

  #fields(
    source: FieldsType,
    type: FieldsType,
    fields: Readonly<Record<string, FieldConfig>>,
    change?: SchemaChanges['field'],
  ) {
    const built: Record<string, FieldConfig> = {};
    for (const [name, config] of Object.entries(fields)) {
      const coordinate = `${type.name}.${name}`;
      if (!this.#isHidden(coordinate)) {
        const own = change === undefined ? config : change(config, type.name, name);
        const args = source.getFields()[name]?.args ?? [];
        const keeps = this.#keepsAll(coordinate, args);
        if (keeps) {
          this.#kept.push({ type, name, args });
        }
        built[name] = {
          ...own,
          type: this.#output(own.type),
          args: keeps ? {} : this.#args(coordinate, own.args ?? {}),
        };
      }
    }
    return built;
  }

  /** Tells whether a pruned schema has the arguments of a field as they are. A guarded one has its own, and its source is released. */
  #keepsAll(coordinate: string, args: readonly GraphQLArgument[]): boolean {
    return (
      this.#changes.isHidden !== undefined &&
      args.every(
        ({ name, type }) => !this.#changed.has(getNamedType(type).name) && !this.#isHidden(`${coordinate}(${name}:)`),
      )
    );
  }

  #args(coordinate: string, args: ArgumentConfigs): Record<string, GraphQLArgumentConfig> {
    const built: Record<string, GraphQLArgumentConfig> = {};
    for (const [name, argument] of Object.entries(args)) {
      if (!this.#isHidden(`${coordinate}(${name}:)`)) {
        built[name] = { ...argument, type: this.#output(argument.type) };
      }
    }
    return built;
  }

  #directive(directive: GraphQLDirective): GraphQLDirective {
    if (!directive.args.some(({ type }) => this.#changed.has(getNamedType(type).name) || this.#isGone(type))) {
      return directive;
    }
    const { args, ...config } = directive.toConfig();
    const shown = Object.entries(args).filter(([, { type }]) => !this.#isGone(type));
    return new GraphQLDirective({
      ...config,
      args: Object.fromEntries(
        shown.map(([name, argument]) => [name, { ...argument, type: this.#output(argument.type) }]),
      ),
    });
  }

  #isGone(type: GraphQLType): boolean {
    return this.#isHidden(getNamedType(type).name);
  }

  #all<Type extends GraphQLNamedType>(types: readonly Type[]): Type[] {
    return types.flatMap(({ name }) => (this.#types.get(name) as Type | undefined) ?? []);
  }

  #root(type: GraphQLObjectType | null | undefined): GraphQLObjectType | null {
    return type ? ((this.#types.get(type.name) as GraphQLObjectType | undefined) ?? null) : null;
  }

  /** Returns the same type, wrappers included, of the copy. */
  #output<Type extends GraphQLType>(type: Type): Type {
    if (isNonNullType(type)) {
      return new GraphQLNonNull(this.#output(type.ofType)) as GraphQLType as Type;
    }
    if (isListType(type)) {
      return new GraphQLList(this.#output(type.ofType)) as GraphQLType as Type;
    }
    return (this.#types.get((type as GraphQLNamedType).name) ?? type) as Type;
  }
}
