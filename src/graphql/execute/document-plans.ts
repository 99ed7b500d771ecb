import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { type Fragments, type Growth, Plan, type Variables } from './plan.ts';

/** An operation is planned for at most this many combinations of what its conditions may be. */
const MAX_PLANS = 16;

/** The possible values of a condition after coercion: `undefined` if it is not provided. */
const CONDITION_VALUES: readonly unknown[] = [undefined, null, false, true];

/** Directives for which the executors that support them answer in several parts. */
const INCREMENTAL = new Set(['defer', 'stream']);

const known = new WeakMap<DocumentNode, DocumentPlans>();

/** Returns the plans of a document, which live as long as the document and the schema. */
export function plansOf(document: DocumentNode): DocumentPlans {
  const plans = known.get(document) ?? new DocumentPlans(document);
  known.set(document, plans);
  return plans;
}

/** Returns how many fields have been planned for a document: they take memory beside its text and its syntax tree. */
export function plannedFields(document: DocumentNode): number {
  return known.get(document)?.growth.fields ?? 0;
}

export class DocumentPlans {
  readonly fragments: Fragments;
  readonly isIncremental: boolean;
  readonly growth: Growth = { fields: 0 };
  readonly #operations: readonly OperationDefinitionNode[];
  readonly #conditions = new Map<OperationDefinitionNode, readonly string[]>();
  readonly #plans = new WeakMap<GraphQLSchema, Map<string, Plan>>();

  constructor(document: DocumentNode) {
    const { definitions } = document;
    this.#operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    const fragments: Record<string, FragmentDefinitionNode> = Object.create(null) as Record<string, never>;
    for (const definition of definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        fragments[definition.name.value] = definition;
      }
    }
    this.fragments = fragments;
    this.isIncremental = isIncremental(document);
  }

  /** Returns the operation that a request means; null if it means none, or several. */
  operation(name: string | null | undefined): OperationDefinitionNode | null {
    if (name !== null && name !== undefined) {
      return this.#operations.findLast((operation) => operation.name?.value === name) ?? null;
    }
    return this.#operations.length === 1 ? (this.#operations[0] ?? null) : null;
  }

  /** Returns the plan for a schema and for the values of the operation's conditions. */
  planFor(schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Variables): Plan {
    const plans = this.#plans.get(schema) ?? new Map<string, Plan>();
    this.#plans.set(schema, plans);
    const values = this.#conditionsOf(operation).map((name) => CONDITION_VALUES.indexOf(variables[name]));
    const key = `${this.#operations.indexOf(operation)}:${values.join()}`;
    const plan = plans.get(key);
    if (plan !== undefined) {
      return plan;
    }
    const isKept = plans.size < MAX_PLANS;
    const created = new Plan(schema, operation, this.fragments, isKept ? this.growth : { fields: 0 });
    if (isKept) {
      plans.set(key, created);
    }
    return created;
  }

  /** The variables that decide, by `@skip` and `@include`, what the operation selects. */
  #conditionsOf(operation: OperationDefinitionNode): readonly string[] {
    const conditions = this.#conditions.get(operation) ?? conditionsOf(operation, this.fragments);
    this.#conditions.set(operation, conditions);
    return conditions;
  }
}

function isIncremental(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Directive: ({ name }) => {
      isFound ||= INCREMENTAL.has(name.value);
    },
  });
  return isFound;
}

function conditionsOf(operation: OperationDefinitionNode, fragments: Fragments): readonly string[] {
  const names = new Set<string>();
  const reached = new Set<string>();
  const collect = (definition: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(definition.selectionSet, {
      Directive: ({ name, arguments: args = [] }) => {
        if (name.value === GraphQLSkipDirective.name || name.value === GraphQLIncludeDirective.name) {
          args.forEach(({ value }) => value.kind === Kind.VARIABLE && names.add(value.name.value));
        }
      },
      FragmentSpread: ({ name }) => {
        const fragment = reached.has(name.value) ? undefined : fragments[name.value];
        reached.add(name.value);
        if (fragment !== undefined) {
          collect(fragment);
        }
      },
    });
  };
  collect(operation);
  return [...names];
}
