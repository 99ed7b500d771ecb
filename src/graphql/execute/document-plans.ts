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
import { type Fragments, type Growth, type ObserveField, Plan, type Variables } from './plan.ts';

/** An operation is planned for at most this many combinations of what its conditions may be. */
const MAX_PLANS = 16;

/** The possible values of a condition after coercion: `undefined` if it is not provided. */
const CONDITION_VALUES: readonly unknown[] = [undefined, null, false, true];

/** Directives for which the executors that support them answer in several parts. */
const INCREMENTAL = ['defer', 'stream'];

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
  readonly #conditions: readonly string[];
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
    const { names, conditions } = directivesIn(document);
    this.isIncremental = INCREMENTAL.some((name) => names.has(name));
    this.#conditions = [...conditions];
  }

  /** Returns the operation that a request means; null if it means none, or several. */
  operation(name: string | null | undefined): OperationDefinitionNode | null {
    if (name !== null && name !== undefined) {
      return this.#operations.findLast((operation) => operation.name?.value === name) ?? null;
    }
    return this.#operations.length === 1 ? (this.#operations[0] ?? null) : null;
  }

  /** Returns a plan for one execution, whose resolvers are observed. */
  observedPlan(schema: GraphQLSchema, operation: OperationDefinitionNode, observe: ObserveField): Plan {
    return new Plan(schema, operation, this.fragments, { fields: 0 }, observe);
  }

  /** Returns the plan for a schema and for the values of the document's conditions. */
  planFor(schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Variables): Plan {
    const plans = this.#plans.get(schema) ?? new Map<string, Plan>();
    this.#plans.set(schema, plans);
    const values = this.#conditions.map((name) => CONDITION_VALUES.indexOf(variables[name]));
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
}

/** Collects the names of directives, and of the variables that decide by `@skip` and `@include` what is selected. */
function directivesIn(document: DocumentNode): { names: ReadonlySet<string>; conditions: ReadonlySet<string> } {
  const names = new Set<string>();
  const conditions = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: args = [] }) => {
      names.add(name.value);
      if (name.value === GraphQLSkipDirective.name || name.value === GraphQLIncludeDirective.name) {
        args.forEach(({ value }) => value.kind === Kind.VARIABLE && conditions.add(value.name.value));
      }
    },
  });
  return { names, conditions };
}
