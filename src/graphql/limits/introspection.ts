import {
  defaultFieldResolver,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isListType,
  isObjectType,
  Kind,
  parse,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql';
import { DEFAULT_LIMITS } from '../limits.ts';
import { type MergedField, type MergedFields, mergedFields } from './selections.ts';

/** An operation may ask for this many times the fields that the introspection of tools returns. */
const FACTOR = 1.5;

const budgets = new WeakMap<GraphQLSchema, number>();

/** Reports if a field of the operation introspects the schema. */
export function isIntrospection({ node: { name } }: MergedField): boolean {
  return name.value === SchemaMetaFieldDef.name || name.value === TypeMetaFieldDef.name;
}

/**
 * Returns how many fields the introspection in an operation returns, which is known to the field: it depends on the schema
 * alone. Infinite beyond the budget of the schema, at which counting stops.
 */
export function introspectionCost(schema: GraphQLSchema, fields: readonly MergedField[]): number {
  return fields.length === 0 ? 0 : new Counter(schema, introspectionBudget(schema)).count(fields);
}

/** Returns how many fields an operation may introspect: a little more than the complete query of tools returns. */
export function introspectionBudget(schema: GraphQLSchema): number {
  const known = budgets.get(schema);
  if (known !== undefined) {
    return known;
  }
  const options = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, oneOf: true };
  const document = parse(getIntrospectionQuery({ ...options, inputValueDeprecation: true }));
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fields: MergedFields =
    operation === undefined ? new Map() : mergedFields(schema, document, operation, DEFAULT_LIMITS);
  const budget = Math.ceil(FACTOR * new Counter(schema, Infinity).count([...fields.values()]));
  budgets.set(schema, budget);
  return budget;
}

/** Counts fields by calling the resolvers of introspection, which only read the schema. */
class Counter {
  readonly #schema: GraphQLSchema;
  readonly #budget: number;
  readonly #known = new Map<MergedField, Map<unknown, number>>();
  #visits = 0;

  constructor(schema: GraphQLSchema, budget: number) {
    this.#schema = schema;
    this.#budget = budget;
  }

  /** @param fields those of the operation itself */
  count(fields: readonly MergedField[]): number {
    const sum = fields.reduce((total, field) => total + this.#root(field), 0);
    return sum > this.#budget ? Infinity : sum;
  }

  #root(field: MergedField): number {
    if (field.node.name.value === SchemaMetaFieldDef.name) {
      return this.#below(field, SchemaMetaFieldDef, this.#schema);
    }
    const name = field.node.arguments?.[0]?.value;
    const all = Object.values(this.#schema.getTypeMap());
    const types = name?.kind === Kind.STRING ? [this.#schema.getType(name.value)] : all;
    return Math.max(0, ...types.map((type) => this.#below(field, TypeMetaFieldDef, type)));
  }

  /** Counts a field, with what it selects of its value. */
  #below(field: MergedField, { type }: GraphQLField<unknown, unknown>, value: unknown): number {
    const named = getNamedType(type);
    if (!isObjectType(named) || value === null || value === undefined) {
      return 1;
    }
    const objects = isListType(getNullableType(type)) ? (value as readonly unknown[]) : [value];
    return objects.reduce<number>((sum, object) => sum + this.#object(field, named, object), 1);
  }

  /** Counts what a field selects of one object; once, since many fields lead to the same type. */
  #object(field: MergedField, type: GraphQLObjectType, object: unknown): number {
    const known = this.#known.get(field) ?? new Map<unknown, number>();
    this.#known.set(field, known);
    const before = known.get(object);
    if (before !== undefined) {
      return before;
    }
    let sum = 0;
    for (const selected of field.fields.values()) {
      this.#visits += 1;
      if (this.#visits > this.#budget) {
        return Infinity;
      }
      const definition = type.getFields()[selected.node.name.value];
      sum += definition ? this.#below(selected, definition, this.#valueOf(definition, object)) : 1;
    }
    known.set(object, sum);
    return sum;
  }

  #valueOf({ resolve = defaultFieldResolver, name }: GraphQLField<unknown, unknown>, object: unknown): unknown {
    const info = { schema: this.#schema, fieldName: name } as GraphQLResolveInfo;
    return resolve(object, { includeDeprecated: true }, undefined, info);
  }
}
