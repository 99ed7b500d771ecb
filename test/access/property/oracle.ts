import {
  type ArgumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  print,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from 'graphql';
import { type NaiveDoor, nameOf, type NaiveSchema, type NaiveViewer } from './oracle-requirements.ts';
import { type Thing, valueAt } from './world.ts';

export type NaiveVerdict = 'allowed' | 'denied' | 'own';

/** The answer that an operation must get. */
export interface NaiveAnswer {
  readonly data: unknown;
  /** By path, what may be named there. */
  readonly denied: Map<string, readonly string[]>;
  /** `Type.field at path` of the resolvers that are called. */
  readonly calls: string[];
}

/** Executes operations as design §1 says, one object after the other, in the most obvious way. */
export class Oracle {
  readonly #schema: NaiveSchema;
  readonly #viewer: NaiveViewer;

  constructor(schema: NaiveSchema, viewer: NaiveViewer) {
    this.#schema = schema;
    this.#viewer = viewer;
  }

  /** Returns the verdict that the matrix must have for a coordinate. */
  verdictOn(coordinate: string): NaiveVerdict {
    const [, type = '', field = '', argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
    if (!/object|interface/.test(this.#schema.kind(type))) {
      return this.#verdict(this.#schema.inputRequirements(type, field));
    }
    const more = argument === undefined ? [] : this.#schema.argumentRequirements(type, field, argument);
    const verdict = this.#verdict([...this.#schema.fieldRequirements(type, field), ...more]);
    const choices = this.#choices(type, field);
    if (verdict === 'denied' || choices.length === 0 || choices.includes('allowed')) {
      return verdict;
    }
    return choices.includes('own') ? 'own' : 'denied';
  }

  execute(source: string, variables: Readonly<Record<string, unknown>>): NaiveAnswer {
    const { definitions } = parse(source);
    const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
    if (operation === undefined) {
      throw new Error('no operation');
    }
    const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    const answer: NaiveAnswer = { data: null, denied: new Map(), calls: [] };
    const run = { operation, fragments, variables, answer };
    const root = operation.operation === OperationTypeNode.MUTATION ? 'Mutation' : 'Query';
    const data = this.#object(run, root, { type: root, id: null }, operation.selectionSet, '');
    return { ...answer, data };
  }

  #object(run: Run, type: string, object: Thing, selectionSet: SelectionSetNode, path: string): object {
    const result: Record<string, unknown> = {};
    for (const node of this.#fields(run, type, selectionSet)) {
      const key = node.alias?.value ?? node.name.value;
      result[key] = this.#field(run, type, object, node, path === '' ? key : `${path}.${key}`);
    }
    return result;
  }

  #fields(run: Run, type: string, { selections }: SelectionSetNode): FieldNode[] {
    return selections.flatMap((node) => {
      if (!isIncluded(node.directives?.map((one) => print(one)) ?? [])) {
        return [];
      }
      if (node.kind === Kind.FIELD) {
        return [node];
      }
      const fragment =
        node.kind === Kind.INLINE_FRAGMENT ? node : run.fragments.find(({ name }) => name.value === node.name.value);
      const condition = fragment?.typeCondition?.name.value ?? type;
      const applies = condition === type || this.#schema.members(condition).includes(type);
      return fragment !== undefined && applies ? this.#fields(run, type, fragment.selectionSet) : [];
    });
  }

  #field(run: Run, type: string, object: Thing, node: FieldNode, path: string): unknown {
    const name = node.name.value;
    const field = this.#schema.field(type, name);
    if (name === '__typename' || field === undefined) {
      return type;
    }
    const coordinate = `${type}.${name}`;
    const requirements = this.#schema.fieldRequirements(type, name);
    if (this.verdictOn(coordinate) === 'denied') {
      return deny(run, path, [coordinate]);
    }
    const closed = (node.arguments ?? []).flatMap((argument) => this.#closedInputs(run, type, name, argument));
    const isOwner = requirements
      .filter(({ of }) => of === 'parent')
      .every((requirement) => this.#opensOn(requirement, object));
    if (closed.length > 0 || !isOwner) {
      return deny(run, path, [...closed, ...(isOwner ? [] : [coordinate])]);
    }
    run.answer.calls.push(`${coordinate} at ${path}`);
    const value =
      name === 'id' && !this.#schema.kind(type).startsWith('i') ? object.id : this.#valueOf(field.type, path);
    const returned = requirements.filter(({ of }) => of === 'result');
    return this.#complete(run, { coordinate, type: field.type, returned, node }, value, path);
  }

  #valueOf(type: TypeNode, path: string): unknown {
    return valueAt(print(type), path, (name) => this.#schema.members(name));
  }

  #complete(run: Run, completing: Completing, value: unknown, path: string): unknown {
    const { coordinate, returned, node, type } = completing;
    if (value === null || value === undefined) {
      return null;
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.#complete(run, completing, item, `${path}.${index}`));
    }
    if (node.selectionSet === undefined) {
      return value;
    }
    const thing = value as Thing;
    const abstract = this.#schema.isAbstract(nameOf(type));
    const requirements = [...returned, ...(abstract ? this.#schema.typeRequirements(thing.type, 'result') : [])];
    if (!requirements.every((requirement) => this.#opensOn(requirement, thing))) {
      return deny(run, path, [coordinate]);
    }
    return this.#object(run, thing.type, thing, node.selectionSet, path);
  }

  #opensOn(requirement: NaiveDoor, object: Thing): boolean {
    if (this.#schema.satisfies(this.#viewer, requirement)) {
      return true;
    }
    return (
      requirement.owner !== null &&
      this.#viewer.id !== null &&
      (requirement.of === 'rows' || object.id === this.#viewer.id)
    );
  }

  #verdict(requirements: readonly NaiveDoor[]): NaiveVerdict {
    const closed = requirements.filter((requirement) => !this.#schema.satisfies(this.#viewer, requirement));
    if (closed.some(({ owner }) => owner === null) || (closed.length > 0 && this.#viewer.id === null)) {
      return 'denied';
    }
    return closed.length > 0 ? 'own' : 'allowed';
  }

  /** Returns the verdicts on the types that a field of an abstract type may return. */
  #choices(type: string, field: string): NaiveVerdict[] {
    const found = this.#schema.field(type, field);
    const returned = found && nameOf(found.type);
    return returned !== undefined && this.#schema.isAbstract(returned)
      ? this.#schema.members(returned).map((member) => this.#verdict(this.#schema.typeRequirements(member, 'result')))
      : [];
  }

  #closedInputs(run: Run, type: string, field: string, { name, value }: ArgumentNode): string[] {
    const argument = this.#schema.field(type, field)?.arguments.find((one) => one.name.value === name.value);
    if (argument === undefined || isAbsent(run, value)) {
      return [];
    }
    const own = this.#verdict(this.#schema.argumentRequirements(type, field, name.value));
    const within = this.#deniedWithin(nameOf(argument.type), plain(run, value));
    return [...(own === 'allowed' ? [] : [`${type}.${field}(${name.value}:)`]), ...within];
  }

  #deniedWithin(type: string, value: unknown): string[] {
    if (Array.isArray(value)) {
      return value.flatMap((item: unknown) => this.#deniedWithin(type, item));
    }
    if (this.#schema.kind(type) === 'enum') {
      return typeof value === 'string' ? this.#deniedInput(type, value) : [];
    }
    const given = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return given.flatMap(([name, inner]: [string, unknown]) => {
      const field = this.#schema.field(type, name);
      const within = field === undefined ? [] : this.#deniedWithin(nameOf(field.type), inner);
      return this.#deniedInput(type, name).concat(within);
    });
  }

  #deniedInput(type: string, name: string): string[] {
    return this.#verdict(this.#schema.inputRequirements(type, name)) === 'allowed' ? [] : [`${type}.${name}`];
  }
}

interface Run {
  readonly operation: OperationDefinitionNode;
  readonly fragments: readonly FragmentDefinitionNode[];
  readonly variables: Readonly<Record<string, unknown>>;
  readonly answer: NaiveAnswer;
}

interface Completing {
  readonly coordinate: string;
  readonly type: TypeNode;
  readonly returned: readonly NaiveDoor[];
  readonly node: FieldNode;
}

function deny({ answer }: Run, path: string, named: readonly string[]): null {
  answer.denied.set(path, named);
  return null;
}

/** The random operations have no condition but these; `$yes` is true. */
function isIncluded(directives: readonly string[]): boolean {
  return !directives.includes('@skip(if: true)');
}

function isAbsent({ variables }: Run, value: ValueNode): boolean {
  return value.kind === Kind.VARIABLE && !Object.hasOwn(variables, value.name.value);
}

/** The value that a client sends: enum values are texts, variables are what they stand for. */
function plain(run: Run, value: ValueNode): unknown {
  switch (value.kind) {
    case Kind.VARIABLE:
      return run.variables[value.name.value];
    case Kind.LIST:
      return value.values.map((item) => plain(run, item));
    case Kind.OBJECT:
      return Object.fromEntries(value.fields.map((field) => [field.name.value, plain(run, field.value)]));
    case Kind.ENUM:
      return value.value;
    default:
      return value.kind === Kind.NULL ? null : 0;
  }
}
