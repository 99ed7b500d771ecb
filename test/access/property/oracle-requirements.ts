import { type ConstDirectiveNode, type ConstValueNode, type DocumentNode, Kind, parse, type TypeNode } from 'graphql';

/**
 * A second, naive reading of type definitions: from the syntax tree, without tables, nothing remembered, and none of the
 * engine's code. What it says is what design §1 says.
 */
export interface NaiveDoor {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly owner: string | null;
  /** Whose object the owner is of: the one that has the field, the one that is returned, or rows further down. */
  readonly of: 'parent' | 'result' | 'rows';
}

export interface NaiveViewer {
  readonly id: string | null;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

interface Part {
  readonly name: { readonly value: string };
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

export interface NaiveField extends Part {
  readonly type: TypeNode;
  readonly arguments: readonly (Part & { readonly type: TypeNode })[];
}

export class NaiveSchema {
  readonly #definitions: DocumentNode['definitions'];

  constructor(sdl: string) {
    this.#definitions = parse(sdl).definitions;
  }

  /** All definitions and extensions of a type. */
  #parts(type: string) {
    return this.#definitions.filter((node) => 'name' in node && node.name?.value === type);
  }

  kind(type: string): 'object' | 'interface' | 'union' | 'input' | 'enum' | 'scalar' {
    const [part] = this.#parts(type);
    switch (part?.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
        return 'object';
      case Kind.INTERFACE_TYPE_DEFINITION:
        return 'interface';
      case Kind.UNION_TYPE_DEFINITION:
        return 'union';
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        return 'input';
      case Kind.ENUM_TYPE_DEFINITION:
        return 'enum';
      default:
        return 'scalar';
    }
  }

  fields(type: string): NaiveField[] {
    return this.#parts(type).flatMap((part) =>
      'fields' in part
        ? (part.fields ?? []).map((field) =>
            Object.assign({ arguments: [] }, field, 'arguments' in field ? { arguments: field.arguments ?? [] } : {}),
          )
        : [],
    );
  }

  field(type: string, name: string): NaiveField | undefined {
    return this.fields(type).find((field) => field.name.value === name);
  }

  values(type: string): Part[] {
    return this.#parts(type).flatMap((part) => ('values' in part ? (part.values ?? []) : []));
  }

  interfaces(type: string): string[] {
    return this.#parts(type).flatMap((part) =>
      'interfaces' in part ? (part.interfaces ?? []).map(({ name }) => name.value) : [],
    );
  }

  /** The object types that a type stands for. */
  members(type: string): string[] {
    if (this.kind(type) === 'union') {
      return this.#parts(type).flatMap((part) =>
        'types' in part ? (part.types ?? []).map(({ name }) => name.value) : [],
      );
    }
    const objects = this.#definitions.flatMap((node) =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION ? [node.name.value] : [],
    );
    return this.kind(type) === 'interface' ? objects.filter((name) => this.interfaces(name).includes(type)) : [type];
  }

  isAbstract(type: string): boolean {
    return this.kind(type) === 'union' || this.kind(type) === 'interface';
  }

  #directives(type: string): readonly ConstDirectiveNode[] {
    const parts = this.#parts(type).filter(
      (part) => part.kind !== Kind.OPERATION_DEFINITION && part.kind !== Kind.FRAGMENT_DEFINITION,
    );
    return parts.flatMap((part) => ('directives' in part ? (part.directives ?? []) : []));
  }

  /** The requirements of an object of the type. */
  typeRequirements(type: string, of: NaiveDoor['of']): NaiveDoor[] {
    const own = [type, ...this.interfaces(type)].flatMap((name) => doorsOf(this.#directives(name), of));
    const node = this.#nodeOf(type);
    return node === null ? own : [...own, ...this.typeRequirements(node, 'rows')];
  }

  /** The requirements of a field, without those of the fields that it reads. */
  #plainDoors(type: string, name: string): NaiveDoor[] {
    const field = this.field(type, name);
    const usages = this.#inherited(type, name).flatMap((one) => one.directives ?? []);
    const node = this.#nodeOf(type);
    const counted = node !== null && name === 'totalCount' ? this.typeRequirements(node, 'rows').map(withoutOwner) : [];
    return [
      ...doorsOf(usages, 'parent'),
      ...this.typeRequirements(type, 'parent'),
      ...(field === undefined ? [] : this.typeRequirements(nameOf(field.type), 'result')),
      ...counted,
    ];
  }

  fieldRequirements(type: string, name: string): NaiveDoor[] {
    const usages = this.#inherited(type, name).flatMap((one) => one.directives ?? []);
    return [...this.#plainDoors(type, name), ...this.#revealedRequirements(usages, [])];
  }

  /** The requirements of supplying an argument, beyond those of its field. */
  argumentRequirements(type: string, field: string, argument: string): NaiveDoor[] {
    const usages = this.#inherited(type, field).flatMap((one) =>
      one.arguments.filter(({ name }) => name.value === argument).flatMap((found) => found.directives ?? []),
    );
    return [...doorsOf(usages, 'parent'), ...this.#revealedRequirements(usages, [])];
  }

  /** The requirements of supplying an input field or naming an enum value. */
  inputRequirements(type: string, name: string): NaiveDoor[] {
    const parts: readonly Part[] = this.kind(type) === 'enum' ? this.values(type) : this.fields(type);
    const usages = parts.filter((part) => part.name.value === name).flatMap((part) => part.directives ?? []);
    return [...doorsOf(usages, 'parent'), ...this.#revealedRequirements(usages, [])];
  }

  #revealedRequirements(usages: readonly ConstDirectiveNode[], seen: readonly string[]): NaiveDoor[] {
    return usages
      .filter(({ name }) => name.value === 'reads')
      .flatMap((mark) => texts(mark, 'fields'))
      .filter((coordinate) => !seen.includes(coordinate))
      .flatMap((coordinate) => {
        const [type = '', name = ''] = coordinate.split('.');
        const types = this.kind(type) === 'interface' ? [type, ...this.members(type)] : [type];
        return types.flatMap((one) => {
          const further = this.#inherited(one, name).flatMap((field) => field.directives ?? []);
          const plain = this.#plainDoors(one, name).map(withoutOwner);
          return plain.concat(this.#revealedRequirements(further, [...seen, coordinate, `${one}.${name}`]));
        });
      });
  }

  #inherited(type: string, name: string): NaiveField[] {
    return [type, ...this.interfaces(type)].map((one) => this.field(one, name)).filter((field) => field !== undefined);
  }

  /** The node of a connection or an edge, by the names that the random schemas use. */
  #nodeOf(type: string): string | null {
    const match = /^(\w+)(Connection|Edge)$/.exec(type);
    return match?.[1] ?? null;
  }

  /** Returns true if a role, a permission or being signed in satisfies the requirement. */
  satisfies(viewer: NaiveViewer, { roles, permissions, owner }: NaiveDoor): boolean {
    if (viewer.id === null) {
      return false;
    }
    const isSignedInEnough = roles.length === 0 && permissions.length === 0 && owner === null;
    return (
      isSignedInEnough ||
      viewer.roles.some((held) => roles.some((role) => this.holds(held, role))) ||
      viewer.permissions.some((permission) => permissions.includes(permission))
    );
  }

  /** Reports if a viewer who has one role has the other. */
  holds(held: string, role: string): boolean {
    const value = this.values('Role').find(({ name }) => name.value === held);
    const inherited = (value?.directives ?? []).flatMap((directive) => texts(directive, 'roles'));
    return held === role || inherited.some((next) => this.holds(next, role));
  }
}

export function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

/** An `@auth` whose owner was taken away is not one that was written without arguments. */
const NEVER = 'no such role';

function withoutOwner(requirement: NaiveDoor): NaiveDoor {
  const isOwnerOnly =
    requirement.owner !== null && requirement.roles.length === 0 && requirement.permissions.length === 0;
  return { ...requirement, owner: null, roles: isOwnerOnly ? [NEVER] : requirement.roles };
}

function doorsOf(directives: readonly ConstDirectiveNode[], of: NaiveDoor['of']): NaiveDoor[] {
  return directives
    .filter(({ name }) => name.value === 'auth')
    .map((directive) => ({
      roles: texts(directive, 'requires'),
      permissions: texts(directive, 'permissions'),
      owner: texts(directive, 'owner')[0] ?? null,
      of,
    }));
}

function texts(directive: ConstDirectiveNode, name: string): string[] {
  const argument = directive.arguments?.find((one) => one.name.value === name);
  return argument === undefined ? [] : textsOf(argument.value);
}

function textsOf(value: ConstValueNode): string[] {
  if (value.kind === Kind.LIST) {
    return value.values.flatMap(textsOf);
  }
  return value.kind === Kind.ENUM || value.kind === Kind.STRING ? [value.value] : [];
}
