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
  type SelectionNode,
} from 'graphql';
import {
  type Fragment,
  type FindFragment,
  fragmentsOf,
  type SelectionReader,
  walkSelections,
} from '../../access/selections.ts';
import { limitError, type Limits } from '../limits.ts';

/** Fields with one response key at one place, which execution merges into one (GraphQL §6.3.2). */
export interface MergedField {
  readonly node: FieldNode;
  /** Null where the schema has no such field, which validation reports. */
  readonly definition: GraphQLField<unknown, unknown> | null;
  readonly fields: MergedFields;
  occurrences: number;
}

export type MergedFields = Map<string, MergedField>;

/** Carries the violation out of the recursion; never leaves this file. */
class Violation extends Error {
  readonly error: GraphQLError;

  constructor(error: GraphQLError) {
    super(error.message);
    this.error = error;
  }
}

/** The position of a selection set. */
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
 * is violated: so its work is bounded by `limits.selections`, whatever the fragments would multiply to.
 */
class Expansion implements SelectionReader<Place> {
  readonly reached = new Set<Fragment>();
  readonly #schema: GraphQLSchema;
  readonly #limits: Limits;
  readonly #find: FindFragment;
  readonly #open = new Set<string>();
  #selections = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode, limits: Limits) {
    this.#schema = schema;
    this.#limits = limits;
    this.#find = fragmentsOf(document);
  }

  operation(operation: OperationDefinitionNode): MergedFields {
    const type = this.#schema.getRootType(operation.operation) ?? undefined;
    const fields: MergedFields = new Map();
    this.#walk(operation, { type, depth: 1, deepest: this.#limits.depth, fields });
    if (fields.size > this.#limits.rootFields) {
      const message = `The operation asks for more than ${this.#limits.rootFields} fields at once.`;
      throw new Violation(limitError('rootFields', message, operation));
    }
    return fields;
  }

  fragment(fragment: FragmentDefinitionNode): void {
    const outside: Place = { type: undefined, depth: 1, deepest: this.#limits.introspectionDepth, fields: new Map() };
    this.#walk(fragment, this.enter(fragment, outside));
    this.leave(fragment);
  }

  select = (selection: SelectionNode): boolean => {
    this.#selections += 1;
    if (this.#selections > this.#limits.selections) {
      const message = `The document selects more than ${this.#limits.selections} fields and fragments.`;
      throw new Violation(limitError('selections', message, selection));
    }
    return true;
  };

  enter = (fragment: Fragment, place: Place): Place => {
    if (fragment.kind === Kind.INLINE_FRAGMENT) {
      const type = fragment.typeCondition && this.#schema.getType(fragment.typeCondition.name.value);
      return { ...place, type: type ?? place.type };
    }
    const name = fragment.name.value;
    if (this.#open.has(name)) {
      throw new Violation(limitError('fragmentCycle', `Fragment "${name}" spreads itself.`, fragment));
    }
    this.reached.add(fragment);
    this.#open.add(name);
    return { ...place, type: this.#schema.getType(fragment.typeCondition.name.value) };
  };

  leave = (fragment: Fragment): void => {
    if (fragment.kind === Kind.FRAGMENT_DEFINITION) {
      this.#open.delete(fragment.name.value);
    }
  };

  field = (node: FieldNode, place: Place): void => {
    const merged = this.#merge(node, place);
    const introspects = node.name.value === '__schema' || node.name.value === '__type';
    const deepest = introspects ? this.#limits.introspectionDepth : place.deepest;
    if (place.depth > deepest) {
      throw new Violation(limitError('depth', `The selection is deeper than ${deepest} fields.`, node));
    }
    if (node.selectionSet !== undefined) {
      const named = merged.definition === null ? undefined : getNamedType(merged.definition.type);
      const type = isCompositeType(named) ? named : undefined;
      this.#walk(node, { type, depth: place.depth + 1, deepest, fields: merged.fields });
    }
  };

  #merge(node: FieldNode, { type, fields }: Place): MergedField {
    const key = node.alias?.value ?? node.name.value;
    const definition = fieldOf(type, node.name.value);
    const merged = fields.get(key) ?? { node, definition, fields: new Map(), occurrences: 0 };
    fields.set(key, merged);
    merged.occurrences += 1;
    if (merged.occurrences > this.#limits.duplicates) {
      const message = `"${key}" is selected more than ${this.#limits.duplicates} times at one place.`;
      throw new Violation(limitError('duplicates', message, node));
    }
    return merged;
  }

  #walk({ selectionSet }: Pick<FieldNode, 'selectionSet'>, place: Place): void {
    if (selectionSet !== undefined) {
      walkSelections(selectionSet, place, this.#find, this);
    }
  }
}

function catchViolation(expand: () => void): GraphQLError | null {
  try {
    expand();
    return null;
  } catch (error) {
    if (error instanceof Violation) {
      return error.error;
    }
    throw error;
  }
}

/**
 * Returns the first limit that the selections of the document violate, or null. Fragments that no operation spreads
 * count too, because validation looks at them.
 */
export function selectionsViolation(
  schema: GraphQLSchema,
  document: DocumentNode,
  limits: Limits,
): GraphQLError | null {
  const expansion = new Expansion(schema, document, limits);
  return catchViolation(() => {
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

/** Returns the operation's fields as execution merges them. The document has passed {@link selectionsViolation}. */
export function mergedFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: Limits,
): MergedFields {
  return new Expansion(schema, document, limits).operation(operation);
}
