import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { limitError } from './limit-error.ts';
import type { Limits } from './options.ts';

/** Fields with one response key at one place, which execution merges into one (GraphQL §6.3.2). */
export interface MergedField {
  readonly node: FieldNode;
  /** Null where the schema has no such field, which validation reports. */
  readonly definition: GraphQLField<unknown, unknown> | null;
  readonly fields: MergedFields;
  occurrences: number;
}

export type MergedFields = Map<string, MergedField>;

/** Carries the refusal out of the recursion; never leaves this file. */
class Excess extends Error {
  readonly error: GraphQLError;

  constructor(error: GraphQLError) {
    super(error.message);
    this.error = error;
  }
}

/** Where a selection set stands. */
interface Place {
  readonly type: GraphQLNamedType | undefined;
  readonly depth: number;
  readonly deepest: number;
  readonly fields: MergedFields;
}

function fieldOf(type: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | null {
  return isObjectType(type) || isInterfaceType(type) ? (type.getFields()[name] ?? null) : null;
}

/**
 * Expands spreads and merges fields as execution would, one selection at a time, and gives up at the first limit that
 * is passed: so its work is bounded by `limits.selections`, whatever the fragments would multiply to.
 */
class Expansion {
  readonly reached = new Set<FragmentDefinitionNode>();
  readonly #schema: GraphQLSchema;
  readonly #limits: Limits;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #open = new Set<string>();
  #selections = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode, limits: Limits) {
    this.#schema = schema;
    this.#limits = limits;
    const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  operation(operation: OperationDefinitionNode): MergedFields {
    const type = this.#schema.getRootType(operation.operation) ?? undefined;
    const fields: MergedFields = new Map();
    this.#expand(operation.selectionSet, { type, depth: 1, deepest: this.#limits.depth, fields });
    if (fields.size > this.#limits.rootFields) {
      const message = `The operation asks for more than ${this.#limits.rootFields} fields at once.`;
      throw new Excess(limitError('rootFields', message, operation));
    }
    return fields;
  }

  fragment(fragment: FragmentDefinitionNode): void {
    this.#spread(fragment, { type: undefined, depth: 1, deepest: this.#limits.introspectionDepth, fields: new Map() });
  }

  #expand(set: SelectionSetNode, place: Place): void {
    for (const selection of set.selections) {
      this.#selections += 1;
      if (this.#selections > this.#limits.selections) {
        const message = `The document selects more than ${this.#limits.selections} fields and fragments.`;
        throw new Excess(limitError('selections', message, selection));
      }
      if (selection.kind === Kind.FIELD) {
        this.#field(selection, place);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const type = selection.typeCondition && this.#schema.getType(selection.typeCondition.name.value);
        this.#expand(selection.selectionSet, { ...place, type: type ?? place.type });
      } else {
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment !== undefined) {
          this.#spread(fragment, place);
        }
      }
    }
  }

  #spread(fragment: FragmentDefinitionNode, place: Place): void {
    const name = fragment.name.value;
    if (this.#open.has(name)) {
      throw new Excess(limitError('fragmentCycle', `Fragment "${name}" spreads itself.`, fragment));
    }
    this.reached.add(fragment);
    this.#open.add(name);
    const type = this.#schema.getType(fragment.typeCondition.name.value);
    this.#expand(fragment.selectionSet, { ...place, type });
    this.#open.delete(name);
  }

  #field(node: FieldNode, place: Place): void {
    const key = node.alias?.value ?? node.name.value;
    const merged = place.fields.get(key) ?? {
      node,
      definition: fieldOf(place.type, node.name.value),
      fields: new Map(),
      occurrences: 0,
    };
    place.fields.set(key, merged);
    merged.occurrences += 1;
    if (merged.occurrences > this.#limits.duplicates) {
      const message = `"${key}" is selected more than ${this.#limits.duplicates} times at one place.`;
      throw new Excess(limitError('duplicates', message, node));
    }
    const introspects = node.name.value === '__schema' || node.name.value === '__type';
    const deepest = introspects ? this.#limits.introspectionDepth : place.deepest;
    if (place.depth > deepest) {
      throw new Excess(limitError('depth', `The selection is deeper than ${deepest} fields.`, node));
    }
    if (node.selectionSet !== undefined) {
      const named = merged.definition === null ? undefined : getNamedType(merged.definition.type);
      const type = isCompositeType(named) ? named : undefined;
      this.#expand(node.selectionSet, { type, depth: place.depth + 1, deepest, fields: merged.fields });
    }
  }
}

function excessOf(expand: () => void): GraphQLError | null {
  try {
    expand();
    return null;
  } catch (error) {
    if (error instanceof Excess) {
      return error.error;
    }
    throw error;
  }
}

/**
 * What is too much in the selections of the whole document, fragments that nobody spreads included, because validation
 * looks at those too; null if nothing is.
 */
export function excessOfSelections(schema: GraphQLSchema, document: DocumentNode, limits: Limits): GraphQLError | null {
  const expansion = new Expansion(schema, document, limits);
  return excessOf(() => {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.OPERATION_DEFINITION) {
        expansion.operation(definition);
      }
    }
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION && !expansion.reached.has(definition)) {
        expansion.fragment(definition);
      }
    }
  });
}

/** How many fields there are, at whatever depth. */
export function countFields(fields: MergedFields): number {
  return fields.values().reduce((sum, field) => sum + 1 + countFields(field.fields), 0);
}

/** The operation's fields as execution merges them. The document has passed {@link excessOfSelections}. */
export function mergedFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: Limits,
): MergedFields {
  return new Expansion(schema, document, limits).operation(operation);
}
