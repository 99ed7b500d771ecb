import { type GraphQLResolveInfo, getArgumentValues } from 'graphql';
import type { FieldPlan, Plan, ValuePlan } from './plan.ts';

type Path = GraphQLResolveInfo['path'];
type Variables = Record<string, unknown>;

/** What came of a plan: the data; or the reason why graphql-js has to execute the operation anew. */
export type Outcome = { readonly data: Record<string, unknown> } | { readonly leftFor: LeftFor };

/** A denial; an argument, resolver or value with an error; something that plans cannot do. */
export type LeftFor = 'refusal' | 'error' | 'unsupported';

/** Constructs what it is given. */
const Given = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/** Variables with a private mark: a WeakSet would do the same, and outlive them (see `access/guard/requests.ts`). */
class Marked extends Given {
  readonly #isProvisional = true;

  static mark(variables: object): object {
    return #isProvisional in variables ? variables : new Marked(variables);
  }

  static has(variables: object): boolean {
    return #isProvisional in variables && variables.#isProvisional;
  }
}

/**
 * Whether a resolver runs for a plan. What it throws then is not what comes of it: the operation is executed anew, by
 * graphql-js.
 */
export function isProvisional({ variableValues }: Pick<GraphQLResolveInfo, 'variableValues'>): boolean {
  return Marked.has(variableValues);
}

/** Something that was not foreseen in the plan. */
class Unsupported extends Error {}

const NO_ARGUMENTS = Object.freeze({});

/**
 * Executes a planned query as graphql-js would, as long as all goes well. Requirements are judged before anything runs,
 * but for those that depend on ownership, where the guarded resolver is called. After that, whatever is not simply data gives up the execution. Queries only read, so that graphql-js can start anew, and
 * is the only one that makes errors.
 *
 * Resolvers are called with what graphql-js calls them with, once for each object, in its order. Objects and lists are
 * filled in as their parts come: a field that is a promise holds up nothing beside it.
 *
 * @param variables coerced (GraphQL §6.1.2), and made for this execution
 */
export async function executePlan(plan: Plan, context: unknown, variables: Variables): Promise<Outcome> {
  Marked.mark(variables);
  try {
    const args = argumentsOf(plan, variables);
    const owned = new Set<FieldPlan>();
    for (const field of plan.judged) {
      const verdict = field.precheck?.judge(context, { variableValues: variables }, argumentsAt(args, field));
      if (verdict === 'own' && field.resolve !== null) {
        owned.add(field);
      } else if (verdict !== 'allowed') {
        return { leftFor: 'refusal' };
      }
    }
    return { data: await new Execution(plan, context, variables, args, owned).run() };
  } catch (error) {
    return { leftFor: error instanceof Unsupported ? 'unsupported' : 'error' };
  }
}

/** The arguments of all fields that take any. They depend on variables alone, so that all objects share them. */
function argumentsOf({ takingArguments }: Plan, variables: Variables): readonly Variables[] {
  const args: Variables[] = [];
  for (const { definition, nodes, argumentsAt: place, constants } of takingArguments) {
    const [node] = nodes;
    if (node !== undefined && place !== null) {
      args[place] = constants === null ? getArgumentValues(definition, node, variables) : { ...constants };
    }
  }
  return args;
}

function argumentsAt(args: readonly Variables[], { argumentsAt: place }: FieldPlan): Variables {
  return place === null ? NO_ARGUMENTS : (args[place] ?? NO_ARGUMENTS);
}

class Execution {
  readonly #plan: Plan;
  readonly #context: unknown;
  readonly #variables: Variables;
  readonly #arguments: readonly Variables[];
  /** Fields whose objects decide whether they are open. */
  readonly #owned: ReadonlySet<FieldPlan>;
  /** Promises whose values are still to be put in their places. */
  #awaited = 0;
  readonly #all = Promise.withResolvers<void>();

  constructor(
    plan: Plan,
    context: unknown,
    variables: Variables,
    args: readonly Variables[],
    owned: ReadonlySet<FieldPlan>,
  ) {
    this.#plan = plan;
    this.#context = context;
    this.#variables = variables;
    this.#arguments = args;
    this.#owned = owned;
    this.#all.promise.catch(() => undefined); // Nobody may be waiting for it any more.
  }

  async run(): Promise<Record<string, unknown>> {
    const data = this.#object(this.#plan.fields, undefined, undefined);
    if (this.#awaited > 0) {
      await this.#all.promise;
    }
    return data;
  }

  #object(fields: readonly FieldPlan[], source: unknown, path: Path | undefined): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const field of fields) {
      this.#put(object, field.key, this.#resolve(field, source, path), field.value, field, path);
    }
    return object;
  }

  #list({ items }: ValuePlan, values: unknown, field: FieldPlan, path: Path | undefined): unknown[] {
    if (items === null || typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
      throw new TypeError('A list was expected');
    }
    const list: unknown[] = [];
    for (const value of values as Iterable<unknown>) {
      this.#put(list, list.length, value, items, field, path);
    }
    return list;
  }

  /** Puts a value in its place, now or once it is there. The place is taken at once: the order is that of selection. */
  #put(
    into: Record<string | number, unknown> | unknown[],
    key: string | number,
    value: unknown,
    plan: ValuePlan,
    field: FieldPlan,
    path: Path | undefined,
  ): void {
    const holder = into as Record<string | number, unknown>;
    if (!isPromise(value)) {
      holder[key] = this.#complete(plan, value, field, key, path);
      return;
    }
    holder[key] = null;
    void this.#await(value, (kept) => {
      holder[key] = this.#complete(plan, kept, field, key, path);
    });
  }

  async #await(value: PromiseLike<unknown>, place: (kept: unknown) => void): Promise<void> {
    this.#awaited += 1;
    try {
      place(await value);
    } catch (error) {
      this.#all.reject(error);
    }
    this.#awaited -= 1;
    if (this.#awaited === 0) {
      this.#all.resolve();
    }
  }

  #complete(plan: ValuePlan, value: unknown, field: FieldPlan, key: string | number, above: Path | undefined): unknown {
    if (value === null || value === undefined) {
      if (plan.nonNull) {
        throw new TypeError('A value was expected');
      }
      return null;
    }
    if (value instanceof Error) {
      throw value;
    }
    if (plan.leaf !== null) {
      return serialized(plan.leaf.serialize(value));
    }
    const path = plan.needsPath ? pathTo(above, key, field) : undefined;
    return plan.items === null ? this.#object(plan.fields, value, path) : this.#list(plan, value, field, path);
  }

  #resolve(field: FieldPlan, source: unknown, path: Path | undefined): unknown {
    if (field.resolve !== null) {
      const args = argumentsAt(this.#arguments, field);
      const resolve = this.#owned.has(field) ? field.guarded : field.resolve;
      return resolve(source, args, this.#context, this.#infoOf(field, path));
    }
    const property = isObject(source) ? source[field.name] : undefined;
    if (typeof property === 'function') {
      throw new Unsupported('A method of an object is a resolver, which is told its path');
    }
    return property;
  }

  #infoOf(field: FieldPlan, above: Path | undefined): GraphQLResolveInfo {
    const { schema, fragments, operation } = this.#plan;
    return {
      fieldName: field.name,
      fieldNodes: field.nodes,
      returnType: field.definition.type,
      parentType: field.parentType,
      path: pathTo(above, field.key, field),
      schema,
      fragments,
      rootValue: undefined,
      operation,
      variableValues: this.#variables,
    };
  }
}

function pathTo(prev: Path | undefined, key: string | number, { parentType }: FieldPlan): Path {
  return { prev, key, typename: typeof key === 'number' ? undefined : parentType.name };
}

/** A leaf that serializes to nothing is an error (graphql-js). A date becomes the text that it is as JSON, sooner. */
function serialized(value: unknown): unknown {
  if (value === null || value === undefined) {
    throw new TypeError('A leaf was expected');
  }
  return isPlainDate(value) ? value.toISOString() : value;
}

function isPlainDate(value: unknown): value is Date {
  return value instanceof Date && value.toJSON === Date.prototype.toJSON && !Number.isNaN(value.getTime());
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Whether graphql-js would wait for the value. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value['then'] === 'function';
}
